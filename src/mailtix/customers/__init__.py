"""Customers serve themselves by mail: they ask and order what is theirs."""

from mailtix.customers.addresses import joined as joined
from mailtix.customers.order import Order as Order
from mailtix.customers.order import order_of as order_of
from mailtix.customers.order import without_orders as without_orders
from mailtix.customers.serve import besides as besides
from mailtix.customers.serve import serve as serve
