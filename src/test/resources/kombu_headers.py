"""The Python side of HeaderFormsIT: reads values of a field table with the installed py-amqp.

usage: kombu_headers.py VALUE...      each value with its type code, in hexadecimal

Prints a line of JSON for each value: the value, as headers-py-amqp-5.3.1.txt describes it.
"""
import json
import struct
import sys
from datetime import datetime
from decimal import Decimal

from amqp.serialization import _read_item


def describe(value):
    if value is None or isinstance(value, bool):
        return {None: 'null', True: 'true', False: 'false'}[value]
    if isinstance(value, float):
        return 'float ' + struct.pack('>d', value).hex()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return 'bytes ' + bytes(value).hex()
    if isinstance(value, datetime):
        return 'datetime ' + value.isoformat()
    if isinstance(value, Decimal):
        return 'decimal ' + str(value)
    if isinstance(value, dict):
        return '{' + ', '.join(key + ': ' + describe(value[key]) for key in sorted(value)) + '}'
    if isinstance(value, list):
        return '[' + ', '.join(map(describe, value)) + ']'
    return str(value)


for item in sys.argv[1:]:
    try:
        print(json.dumps(describe(_read_item(bytes.fromhex(item), 0)[0])))
    except (ValueError, OverflowError, OSError):
        print(json.dumps('an error'))
