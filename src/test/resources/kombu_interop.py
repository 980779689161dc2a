"""The Kombu side of KombuInteropIT: gets the messages of the test, then publishes messages for it.

usage: kombu_interop.py URI QUEUE-TO-GET-FROM COUNT QUEUE-TO-PUBLISH-TO EXPIRATION

Prints a line of JSON for each message that it got. Every value carries its Python type, which distinguishes a bool from an
int.
"""
import json
import sys
import time
from datetime import datetime, timezone

from kombu import Connection, Queue

ACCEPT = ['application/json', 'text/plain', 'application/data']
PROPERTIES = ['content_type', 'content_encoding', 'delivery_mode', 'priority', 'correlation_id', 'reply_to', 'expiration',
              'message_id', 'timestamp', 'type', 'user_id', 'app_id', 'cluster_id']


def typed(value):
    if isinstance(value, dict):
        return {'dict': {key: typed(inner) for key, inner in value.items()}}
    if isinstance(value, list):
        return {'list': [typed(inner) for inner in value]}
    if isinstance(value, (bytes, memoryview)):
        return {'bytes': bytes(value).hex()}
    if isinstance(value, datetime):
        return {'datetime': int(value.replace(tzinfo=timezone.utc).timestamp())}
    return {type(value).__name__: value}


def get(queue):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        message = queue.get(no_ack=True, accept=ACCEPT)
        if message is not None:
            return message
    raise SystemExit('no message received')


def described(message):
    properties = dict(message.properties, content_type=message.content_type, content_encoding=message.content_encoding)
    return {
        'payload': typed(message.payload),
        'headers': typed(message.headers),
        'properties': {name: typed(properties[name]) for name in PROPERTIES if properties.get(name) is not None},
    }


def publish(producer, routing_key, expiration):
    def send(body, **options):
        producer.publish(body, exchange='', routing_key=routing_key, **options)

    send({'hello': 'wörld', 'list': [1, 2.5, None, True], 'nested': {'deep': -1}})
    send('grüße')
    send(b'\x00\xff\x80')
    send('with all of it',
         headers={'str': 'wert', 'int': 7, 'long': 1 << 40, 'negative': -3, 'true': True, 'false': False, 'float': 0.5,
                  'none': None, 'bytes': b'\x00\xff', 'list': [1, 'two', False], 'table': {'inner': {'deep': -1}},
                  'when': datetime(2024, 1, 2, 3, 4, 5)},
         delivery_mode=1, priority=3, correlation_id='correlation', reply_to='reply', expiration=expiration or None,
         message_id='message', type='type', user_id='guest', app_id='app', cluster_id='cluster')


def main(uri, source, count, target, expiration):
    with Connection(uri) as connection:
        channel = connection.channel()
        queue = Queue(source, no_declare=True).bind(channel)
        for _ in range(int(count)):
            print(json.dumps(described(get(queue))))
        publish(connection.Producer(), target, float(expiration))


main(*sys.argv[1:])
