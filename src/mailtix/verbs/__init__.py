"""What each verb of the command line does. A verb returns its exit code: 0 done, 1 the answer is no, 2 wrong use."""
