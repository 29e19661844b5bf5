"""What Python's csv module says of random tables, beside what dsv says.

    rows.py write SEED COUNT        make tables, SEED.csv and so on
    rows.py check <SCHEMAS          compare with what "dsv schema --json"
                                    printed of each

Types are told here by expressions of their own.
"""
import csv
import json
import random
import re
import sys
from decimal import Decimal

INTEGER = re.compile(r'[+-]?(0|[1-9][0-9]*)', re.A)
NUMBER = re.compile(r'[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)'
                    r'([eE][+-]?[0-9]+)?', re.A)
SPECIAL = re.compile(r'NaN|nan|NAN|-?(INF|inf|Inf|Infinity)')
DATE = re.compile(r'[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])', re.A)


def kind(text):
    if len(text.encode()) <= 64:
        if INTEGER.fullmatch(text):
            return 'integer'
        if NUMBER.fullmatch(text):
            return 'number'
    if SPECIAL.fullmatch(text):
        return 'special'
    if text in ('true', 'false', 'True', 'False', 'TRUE', 'FALSE'):
        return 'boolean'
    return 'date' if DATE.fullmatch(text) else 'string'


def type_of(kinds):
    if not kinds:
        return 'any'
    if kinds == {'integer'}:
        return 'integer'
    if kinds <= {'integer', 'number', 'special'}:
        return 'number'
    return kinds.pop() if len(kinds) == 1 else 'string'


def ends(values, type_):
    """Least and greatest, as dsv prints them, or None."""
    if type_ in ('integer', 'number'):
        values = [v for v in values if not SPECIAL.fullmatch(v)]
        key = Decimal
    elif type_ in ('string', 'date'):
        values = [v.encode()[:64] for v in values]
        return (min(values), max(values)) if values else (None, None)
    else:
        return None, None
    if not values:
        return None, None
    return min(values, key=key).encode(), max(values, key=key).encode()


CELLS = [
    lambda r: '',
    lambda r: str(r.randrange(-1000, 10 ** r.randrange(1, 25))),
    lambda r: '%.*f' % (r.randrange(4), r.uniform(-1000, 1000)),
    lambda r: '%d.%de%+d' % (r.randrange(10), r.randrange(1000),
                             r.randrange(-30, 30)),
    lambda r: '%04d-%02d-%02d' % (r.randrange(1, 3000), r.randrange(0, 14),
                                  r.randrange(0, 33)),
    lambda r: r.choice(['true', 'FALSE', 'True', 'yes', 'NaN', '-Inf', '007',
                        '+5', '.5', '1.', '-', 'null', '0x1']),
    lambda r: ''.join(r.choices('ab \'",;|\t\n\xe9\u4e2d\U0001f600',
                                k=r.randrange(12))),
    lambda r: 'x' * r.randrange(60, 70) + r.choice('abc'),
]


def write(seed, name):
    r = random.Random(seed)
    columns = r.randrange(1, 8)
    usual = [r.choice(CELLS) for _ in range(columns)]
    with open(name, 'w', newline='', encoding='utf-8') as f:
        out = csv.writer(
            f, delimiter=r.choice(',;\t|') if columns > 1 else ',',
            lineterminator=r.choice(['\n', '\r\n']),
            quoting=r.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
        out.writerow('column %s' % 'abcdefgh'[i] for i in range(columns))
        for _ in range(r.randrange(300)):
            n = columns
            if r.randrange(50) == 0:
                n = r.randrange(0, columns + 3)
            cells = [usual[i % columns] if r.randrange(20) else
                     r.choice(CELLS) for i in range(n)]
            out.writerow([cell(r) for cell in cells])


def check(name, said):
    dialect = said['dialect']
    with open(name, newline='', encoding='utf-8') as f:
        rows = list(csv.reader(f, delimiter=dialect['delimiter']))
    header, rows = rows[0], rows[1:]
    fields = said['schema']['fields']
    assert said['rows'] == len(rows), (said['rows'], len(rows))
    assert [f['name'] for f in fields] == header, fields
    for i, field in enumerate(fields):
        values = [row[i] for row in rows if i < len(row) and row[i]]
        type_ = type_of({kind(v) for v in values})
        least, greatest = ends(values, type_)
        want = (type_, len(rows) - len(values), least, greatest)
        got = (field['type'], field['nulls']) + tuple(
            field[end].encode('utf-8', 'surrogateescape')
            if end in field else None for end in ('least', 'greatest'))
        assert got == want, (name, i, got, want)
    long = sum(len(row) > len(header) for row in rows)
    assert said['odd'].get('long', {'rows': 0})['rows'] == long, said['odd']
    short = sum(len(row) < len(header) and row != [] for row in rows)
    assert said['odd'].get('short', {'rows': 0})['rows'] == short, said['odd']


if sys.argv[1] == 'write':
    for i in range(int(sys.argv[3])):
        write(int(sys.argv[2]) + i, '%d.csv' % (int(sys.argv[2]) + i))
else:
    tables = [json.loads(line) for line in sys.stdin]
    for said in tables:
        check(said['path'], said)
    print(len(tables))
