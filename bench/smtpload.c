/* smtpload: many SMTP connections at once from one process, cheap enough not to be what is measured.
 *
 *   smtpload MAILS HOST PORT CONNECTIONS EACH COUNT SECONDS FIRST
 *
 * MAILS is a file of mails as bench/compiled.py writes it. Sends COUNT of them, from the beginning again when there are
 * fewer, over CONNECTIONS at once with EACH in one of them. Each command waits for the reply to the one before
 * (RFC 5321 section 4.3.1); nothing is pipelined. The first ten @ in a mail are overwritten each time it is
 * sent with a number that runs from FIRST on, so that no mail is sent twice. Prints one JSON object; times are seconds of CLOCK_MONOTONIC.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MARK "@@@@@@@@@@"
#define MARK_LENGTH 10
#define COMMAND 512          /* octets of a command line: RFC 5321 section 4.5.3.1.4 */
#define REPLIES 4096
#define MOST_REFUSED 100     /* a driver that meets so many refusals has nothing to measure */
#define RECIPIENT "RCPT TO:<support@helpdesk.example>\r\n"

enum state { GREETING, HELLO, MAIL, RCPT, DATA, CONTENT, BYE };

struct mail {
    char *sender, *wire, *mark;
    uint32_t length;
};

struct connection {
    int socket, waits;
    enum state state;
    long sent;
    struct mail *mail;
    double asked, data;
    char command[COMMAND], replies[REPLIES];
    size_t held;
    const char *out;
    size_t left;
};

static struct mail *mails;
static uint32_t stored;
static struct sockaddr_in server;
static long each, count, first, begun, accepted, refused, open_now;
static double *whole, *from_data;
static char first_refusal[COMMAND];
static int poll_set;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void take(void *to, size_t size, FILE *from) {
    if (fread(to, 1, size, from) != size) die("reading the mails");
}

static char *take_text(uint32_t length, FILE *from) {
    char *text = malloc(length + 1);
    if (!text) die("memory");
    take(text, length, from);
    text[length] = 0;
    return text;
}

static void read_mails(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    take(&stored, sizeof stored, file);
    mails = calloc(stored, sizeof *mails);
    for (uint32_t n = 0; n < stored; n++) {
        uint32_t sizes[2];
        take(sizes, sizeof sizes, file);
        mails[n].sender = take_text(sizes[0], file);
        mails[n].wire = take_text(mails[n].length = sizes[1], file);
        mails[n].mark = memmem(mails[n].wire, mails[n].length, MARK, MARK_LENGTH);
    }
    fclose(file);
}

static void flush(struct connection *c) {
    int waits = 0;
    while (c->left && !waits) {
        ssize_t sent = send(c->socket, c->out, c->left, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return; /* reading will tell */
        if (sent < 0) waits = 1;
        else c->out += sent, c->left -= sent;
    }
    if (waits == c->waits) return;
    c->waits = waits;
    struct epoll_event event = {.events = EPOLLIN | (waits ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(poll_set, EPOLL_CTL_MOD, c->socket, &event);
}

static void say(struct connection *c, const char *text, size_t length, enum state next) {
    c->state = next, c->out = text, c->left = length;
    flush(c);
}

static void refuse(const char *text) {
    if (!refused++) snprintf(first_refusal, sizeof first_refusal, "%.500s", text);
}

static void start(struct connection *c) {
    int yes = 1;
    if (begun >= count || refused >= MOST_REFUSED) return;
    c->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->socket < 0) die("socket");
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    c->state = GREETING, c->sent = 0, c->held = 0, c->left = 0, c->waits = 0;
    if (connect(c->socket, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) die("connect");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poll_set, EPOLL_CTL_ADD, c->socket, &event);
    open_now++;
}

static void end(struct connection *c) {
    close(c->socket);
    c->socket = -1;
    open_now--;
    start(c);
}

static void next_mail(struct connection *c) {
    if (begun >= count || c->sent >= each) {
        say(c, "QUIT\r\n", 6, BYE);
        return;
    }
    c->mail = &mails[begun % stored];
    c->sent++, begun++;
    if (c->mail->mark) {
        char number[24];
        snprintf(number, sizeof number, "%010ld", first + begun);
        memcpy(c->mail->mark, number, MARK_LENGTH);
    }
    int length = snprintf(c->command, COMMAND, "MAIL FROM:<%s>\r\n", c->mail->sender);
    c->asked = now();
    say(c, c->command, length, MAIL);
}

static void done(struct connection *c) {
    double at = now();
    whole[accepted] = at - c->asked, from_data[accepted] = at - c->data;
    accepted++;
    next_mail(c);
}

/* One last line of a reply. Returns 0 when the connection is over. */
static int reply(struct connection *c, const char *line) {
    if (*line == '4' || *line == '5') {
        refuse(line);
        end(c);
        return 0;
    }
    switch (c->state) {
    case GREETING: say(c, "EHLO bench.example\r\n", 20, HELLO); break;
    case HELLO: next_mail(c); break;
    case MAIL: say(c, RECIPIENT, sizeof RECIPIENT - 1, RCPT); break;
    case RCPT: c->data = now(); say(c, "DATA\r\n", 6, DATA); break;
    case DATA: say(c, c->mail->wire, c->mail->length, CONTENT); break;
    case CONTENT: done(c); break;
    case BYE: end(c); return 0;
    }
    return 1;
}

static void hear(struct connection *c) {
    ssize_t got = recv(c->socket, c->replies + c->held, REPLIES - 1 - c->held, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        if (c->state != BYE) refuse("connection lost");
        end(c);
        return;
    }
    c->held += got;
    c->replies[c->held] = 0;
    char *line = c->replies, *stop;
    while ((stop = strstr(line, "\r\n"))) {
        *stop = 0;
        char *this = line;
        line = stop + 2;
        if (this[3] != '-' && !reply(c, this)) return;
    }
    c->held -= line - c->replies;
    memmove(c->replies, line, c->held);
}

static void print_times(const char *name, const double *times) {
    printf("\"%s\": [", name);
    for (long n = 0; n < accepted; n++) printf("%s%.6f", n ? ", " : "", times[n]);
    printf("]");
}

int main(int argc, char **argv) {
    if (argc != 9) {
        fprintf(stderr, "usage: smtpload MAILS HOST PORT CONNECTIONS EACH COUNT SECONDS FIRST\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    read_mails(argv[1]);
    server.sin_family = AF_INET, server.sin_port = htons(atoi(argv[3]));
    inet_pton(AF_INET, argv[2], &server.sin_addr);
    long connections = atol(argv[4]);
    each = atol(argv[5]), count = atol(argv[6]), first = atol(argv[8]);
    whole = calloc(count, sizeof *whole), from_data = calloc(count, sizeof *from_data);
    struct connection *all = calloc(connections, sizeof *all);
    struct epoll_event events[64];
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    poll_set = epoll_create1(0);
    double began = now(), until = began + atof(argv[7]);
    for (long n = 0; n < connections; n++) start(&all[n]);
    while (open_now && now() < until) {
        int ready = epoll_wait(poll_set, events, 64, 1000);
        for (int n = 0; n < ready; n++) {
            struct connection *c = events[n].data.ptr;
            if (events[n].events & EPOLLOUT) flush(c);
            if (events[n].events & ~EPOLLOUT) hear(c);
        }
    }
    double ended = now();
    getrusage(RUSAGE_SELF, &after);
    if (open_now) refuse("the time was over");
    double cpu = after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec +
                 (after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec) * 1e-6;
    for (char *at = first_refusal; *at; at++)
        if (*at == '"' || *at == '\\' || *at < ' ') *at = '?';
    printf("{\"accepted\": %ld, \"refused\": %ld, \"first_refusal\": \"%s\", \"began\": %.6f, \"ended\": %.6f, \"cpu\": %.6f, ",
           accepted, refused, first_refusal, began, ended, cpu);
    print_times("whole", whole);
    printf(", ");
    print_times("from_data", from_data);
    printf("}\n");
    return 0;
}
