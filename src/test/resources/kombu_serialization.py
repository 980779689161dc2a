"""The Kombu side of KombuSerializationIT: all cases of one direction in one process.

usage: kombu_serialization.py read URI QUEUE            receives up to the message with the id "end", prints each result
       kombu_serialization.py write URI QUEUE CASE...   publishes each case, prints those that Kombu refuses

A case is COLUMN/COMPRESSOR/ITEM and is sent as the message id. Every printed line is JSON: [case, result]. Values are
described as KombuSerializationValues describes them.
"""
import hashlib
import json
import struct
import sys
import uuid
from datetime import date, datetime, timedelta, timezone
from datetime import time as time_of_day
from decimal import Decimal

from kombu import Connection, Consumer, Queue

ACCEPT = ['json', 'yaml', 'msgpack', 'pickle', 'text/plain', 'application/data']
SECONDS = 60
MOMENT = datetime(2015, 10, 21, 7, 28, 1, 123456)
TEXT = 'grüße 水 \U0001F30A'
BYTES = b'\x00\xff\x80'


def mebibyte():
    """The same text as in KombuSerializationValues: neither trivial nor impossible to compress."""
    state, chunks = 1, []
    for _ in range(1 << 12):
        state = (state * 1103515245 + 12345) & 0x7fffffff
        chunks.append('%08x' % state * 2)
    return ''.join(chunks) * 16


BODIES = {
    'map': {'hello': 'world', 'list': [1, 2.5, True, None, 'x'], 'nested': {'deep': {'deeper': [-1, {}]}}},
    'text': TEXT,
    'control': 'a\x00\x1b\x7f\x85\u2028\t\r\nb',
    'lookalikes': [
        '', ' ', 'yes', 'off', 'Y', 'null', '~', '1', '-1', '08', '1_000', '0b1', '0x1F', '0o17', '1.5', '.5',
        '+.5', '1e5', '1E+5', '.inf', 'NaN', '.nan', '2015-10-21', '2015-10-21 07:28:01', '1:30', '1:30.5', '=',
        '<<', '-', '- a', '?', '#', 'a #b', 'a: b', '{', '[', '!a', '&a', '*a', '@a', '`a', '%a', "'", '"',
        '...', '---', ' a', 'a ', 'a\nb', 'a\n'],
    'mebibyte': mebibyte(),
    'integers': [0, -1, 127, 128, -32769, 2**31 - 1, 2**31, -2**31, 2**63 - 1, -2**63, 2**64 - 1],
    'big-integers': [2**64, -2**63 - 1, 2**100, -2**100],
    'floats': [0.5, 0.1, 1e300, -1e-7, 1e16, 5e-324, float('inf'), float('-inf')],
    'decimals': [Decimal('3.140'), Decimal('0.00'), Decimal('1E+30')],
    'datetime-utc': MOMENT.replace(tzinfo=timezone.utc),
    'datetime-offset': MOMENT.replace(tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
    'datetime-naive': MOMENT,
    'date': date(2015, 10, 21),
    'time': time_of_day(7, 28, 1, 123456),
    'uuid': uuid.UUID('00112233-4455-6677-8899-aabbccddeeff'),
    'bytes': BYTES,
    'bytes-of-text': TEXT.encode(),
    'empty-bytes': b'',
    'empty-text': '',
    'empty-map': {},
    'empty-list': [],
    'null': None,
    'nulls': {'none': None, 'list': [None, None]},
}

# Python has one integer type. amqp chooses the field type by size.
HEADERS = {
    't': True, 'byte': -7, 'B': 200, 'short': 258, 'u': 60000, 'I': -7, 'i': 4000000000, 'long-small': -5, 'l': 1 << 40,
    'l-negative': -(1 << 40),
    'f': 0.5, 'd': 0.1, 'D': Decimal('3.14'), 'D-negative': Decimal('-3.14'), 'T': datetime(2015, 10, 21, 7, 28, 1),
    'S': TEXT, 'S-empty': '', 'x': BYTES, 'x-text': b'text', 'A': [1, 'two', [False, None]], 'A-empty': [],
    'F': {'inner': {'deep': -1}}, 'F-empty': {}, 'V': None,
}


def describe(value):
    if value is None or isinstance(value, bool):
        return {None: 'null', True: 'true', False: 'false'}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return 'float ' + struct.pack('>d', value).hex()
    if isinstance(value, str):
        return "'" + digest_if_long(value, value.encode()) + "'"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return 'bytes ' + digest_if_long(bytes(value).hex(), bytes(value))
    if isinstance(value, (datetime, date, time_of_day)):
        return type(value).__name__ + ' ' + value.isoformat()
    if isinstance(value, (Decimal, uuid.UUID)):
        return type(value).__name__.lower() + ' ' + str(value)
    if isinstance(value, dict):
        return '{' + ', '.join(describe(key) + ': ' + describe(value[key]) for key in sorted(value)) + '}'
    if isinstance(value, (list, tuple)):
        return '[' + ', '.join(map(describe, value)) + ']'
    return repr(value)


def digest_if_long(text, data):
    return text if len(text) <= 200 else '%d long, sha256 %s' % (len(text), hashlib.sha256(data).hexdigest())


def report(case, result):
    print(json.dumps([case, result]))


def refusal(error):
    return type(error).__name__


def read(connection, queue):
    ended = False

    def received(message):
        nonlocal ended
        case = message.properties['message_id']
        if case == 'end':
            ended = True
            return
        try:
            report(case, describe(message.headers['value'] if case.startswith('header/') else message.payload))
        except Exception as error:
            not_decoded(message, error)

    def not_decoded(message, error):
        report(message.properties['message_id'], refusal(error))

    with Consumer(connection.channel(), [Queue(queue, no_declare=True)], no_ack=True, accept=ACCEPT, on_message=received,
                  on_decode_error=not_decoded):
        while not ended:
            connection.drain_events(timeout=SECONDS)


def write(connection, queue, *cases):
    producer = connection.Producer()
    for case in cases:
        column, compression, item = case.split('/')
        options = {'compression': None if compression == 'none' else compression, 'message_id': case}
        if column == 'header':
            body, options['headers'] = 1, {'value': HEADERS[item]}
        else:
            body, options['serializer'] = BODIES[item], None if column == 'text' else column
        try:
            producer.publish(body, exchange='', routing_key=queue, delivery_mode=1, **options)
        except Exception as error:
            report(case, refusal(error))


def main(direction, uri, queue, *rest):
    with Connection(uri) as connection:
        {'read': read, 'write': write}[direction](connection, queue, *rest)


main(*sys.argv[1:])
