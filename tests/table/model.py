"""Random tables, and what must be true of their differences.

    model.py SEED COUNT         in a new repository

Reads tables by the rules of dsv-diff(1), in its own way, and checks of each
pair that
  - the rows that dsv counts are those that multisets of rows give,
  - the delta, applied to the older table, makes the rows of the newer one,
    and the reverse delta undoes it,
  - a second run says the same, and a table does not differ from itself,
  - what is for people has no byte in it that a terminal obeys.
"""
import json
import random
import re
import subprocess
import sys
from collections import Counter

PATH = 't.x'


# ---- reading ---------------------------------------------------------------

def records(data, quote):
    """Up to each LF before which the number of quotes is even."""
    out, start, odd = [], 0, False
    for i, c in enumerate(data):
        odd ^= c == quote
        if c == '\n' and not odd:
            out.append(data[start:i + 1])
            start = i + 1
    if start < len(data):
        out.append(data[start:])
    return out


def without_end(record):
    return record[:-2] if record.endswith('\r\n') else record.rstrip('\n')


def cells(record, delimiter, quote):
    out, at = [], 0
    while True:
        text = ''
        if quote and record[at:at + 1] == quote:
            at += 1
            while at < len(record):
                if record[at] == quote:
                    at += 1
                    if record[at:at + 1] != quote:
                        break
                text += record[at]
                at += 1
        end = record.find(delimiter, at)
        if end < 0:
            return out + [text + record[at:]]
        out.append(text + record[at:end])
        at = end + 1


def unlike(name, taken):
    """The name, or the first name#2, name#3 … that is not taken."""
    if name not in taken:
        return name
    k = 2
    while '%s#%d' % (name, k) in taken:
        k += 1
    return '%s#%d' % (name, k)


class Csv:
    """A table: its columns and, by record, its cells."""

    def __init__(self, data, form):
        rows = [cells(without_end(r), form.delimiter, form.quote)
                for r in records(data.removeprefix('\ufeff'), form.quote)]
        self.columns = []
        for text in rows[0] if rows else []:
            place = '#%d' % (len(self.columns) + 1)
            self.columns.append(unlike(
                text if form.header and text else place, self.columns))
        self.cells = rows[1:] if form.header else rows

    def rows(self, taken):
        """By name; further cells have none of those that are taken."""
        for row in self.cells:
            names = self.columns + [
                unlike('#%d' % (i + 1), taken)
                for i in range(len(self.columns), len(row))]
            yield dict(zip(names, row))


def leaves(out, path, value):
    """value: as the decoder below gives it."""
    if isinstance(value, tuple) and value[0] == 'members' and value[1]:
        for name, member in value[1]:
            if not name or name[0] == '#' or re.search(r'[.[\]"]', name):
                name = '"%s"' % name.replace('"', '""')
            leaves(out, path + '.' + name if path else name, member)
    elif isinstance(value, list) and value:
        for i, item in enumerate(value):
            leaves(out, '%s[%d]' % (path, i), item)
    else:
        if value == []:
            value = ('array', '[]')
        elif value == ('members', []):
            value = ('object', '{}')
        out.append((path or '#value', value))


def no_constant(text):
    raise ValueError(text)


DECODER = json.JSONDecoder(
    object_pairs_hook=lambda members: ('members', members),
    parse_int=lambda text: ('number', text),
    parse_float=lambda text: ('number', text),
    parse_constant=no_constant)


def json_row(line):
    found, row = [], {}
    try:
        leaves(found, '', DECODER.decode(line.strip(' \t\r\n')))
    except ValueError:
        return {'#line': line}
    for path, value in found:
        row[unlike(path, row)] = value
    return row


def read(data, form):
    if form.csv:
        return Csv(data, form)
    return [json_row(without_end(r))
            for r in records(data.removeprefix('\ufeff'), None)]


def rows_of(old, new, form):
    if not form.csv:
        return old, new
    taken = set(old.columns + new.columns) if form.header else ()
    return list(old.rows(taken)), list(new.rows(taken))


# ---- making ----------------------------------------------------------------

TEXTS = ['', '', 'x', 'y', '1', '01', '1e5', 'null', 'a b', '=1+1', '\xe9',
         '\u202e', '\x01\x1b[31m', '<b>&', '#4', 'a\rb', '\r', "it's",
         '\U0001f600', '"', "'", 'two\nlines', 'crlf\r\nin it']
NAMES = ['a', 'b', 'c', 'id', '', '', 'a#2', '#4', '#5', '#5#2', '#6']
VALUES = ['null', 'true', '0', '-0', '1.0', '1E+05', '12345678901234567890',
          '""', '"x"', '"\\u00e9"', '"\\ud800"', '"\\u0000"', '{}', '[]',
          '"{}"', '"1"', '[1,[2,{"a":3}]]', '{"a":{"b":[]}}', '{"":1}',
          '{"a.b":1}', '{"#x":1}', '"a\\nb"', '"\\u202e"', ' [ 1 ] ']
MEMBERS = ['a', 'b', 'c', 'a.b', 'a[0]', '', '#line', 'x\\"y', 'a#2']
LINES = ['', 'nope', '{"a":', '[1,2]', '"text"', '17', '{"#line":"x"}', '{}',
         '{"a":1}x', 'null', 'NaN', '{"a":1,"a":3}', '{"a":1,"a":3,"a#2":4}']


class Form:
    def __init__(self, r):
        self.csv = r.random() < .7
        self.header = r.random() < .85
        self.delimiter = r.choice(',,;\t|')
        self.quote = r.choice(['"', '"', '"', "'", None])
        self.lone = r.random() < .2
        self.key = r.choice([[], ['id'], ['id'], ['id', 'k']])
        if self.csv and not self.header:
            self.key = r.choice([[], ['#1']])

    def attributes(self):
        quote = {'"': 'double', "'": 'single', None: 'none'}[self.quote]
        out = [PATH, 'csv' if self.csv else 'jsonl']
        if self.csv:
            out += ['quote=' + quote,
                    'header=' + ('yes' if self.header else 'no'),
                    'delimiter=' + ('tab' if self.delimiter == '\t' else
                                    self.delimiter)]
        if self.key:
            out.append('key=' + ','.join(self.key))
        return ' '.join(out) + '\n'


def csv_cell(r, form, text):
    quote = form.quote
    if not quote:
        return re.sub('[\r\n%s]' % re.escape(form.delimiter), '', text)
    if form.lone and r.random() < .05:
        return 'l' + quote + 'n'
    if re.search('[\n%s%s]|\r$' % (quote, re.escape(form.delimiter)),
                 text) or r.random() < .1:
        return quote + text.replace(quote, quote * 2) + quote
    return text


def csv_value(r, form):
    text = r.choice(TEXTS) if r.random() < .4 else 'v%d' % r.randrange(5)
    return csv_cell(r, form, text + (form.delimiter if r.random() < .1 else
                                     ''))


def csv_row(r, form, columns, keys):
    row = []
    for name in columns:
        if name == 'id':
            row.append('' if r.random() < .08 else str(r.randrange(keys)))
        elif name == 'k':
            row.append(str(r.randrange(2)))
        else:
            row.append(csv_value(r, form))
    what = r.random()
    if what < .05:
        return row[:r.randrange(1, len(row) + 1)]
    if what < .15:
        return row + [csv_value(r, form) for _ in range(r.randrange(1, 4))]
    return row


def edit_columns(r, form, columns, rows):
    """In place; one column comes, goes, moves or has another name."""
    at = r.randrange(len(columns))
    what = r.randrange(4)
    if what == 0:
        columns.insert(at, r.choice(NAMES))
        for row in rows:
            if at <= len(row):
                row.insert(at, r.choice(['', csv_value(r, form)]))
    elif what == 1 and len(columns) > 1:
        del columns[at]
        for row in rows:
            del row[at:at + 1]
    elif what == 2:
        columns[at] = r.choice(NAMES)
    else:
        to = r.randrange(len(columns))
        for cs in [columns] + rows:
            if max(at, to) < len(cs):
                cs.insert(to, cs.pop(at))


def csv_text(r, form, columns, rows):
    lines = [form.delimiter.join(csv_cell(r, form, name) if '"' in name else
                                 name for name in columns)] * form.header
    lines += [form.delimiter.join(row or ['']) for row in rows]
    end = r.choice(['\n', '\n', '\r\n'])
    return ('\ufeff' if r.random() < .1 else '') + end.join(lines) + \
        (end if r.random() < .8 else '')


def csv_pair(r, form):
    columns = ['id', 'k', 'a', 'b', 'c'][:r.choice([1, 3, 5, 5])]
    for _ in range(r.randrange(3)):
        columns.append(r.choice(NAMES))
    keys = r.choice([3, 10, 30])
    rows = [csv_row(r, form, columns, keys)
            for _ in range(r.choice([0, 1, 3, 8, 25]))]
    old = csv_text(r, form, columns, rows)
    after = []
    for row in rows:
        what, row = r.random(), list(row)
        if what < .15:
            continue
        if what < .45:
            row[r.randrange(len(row))] = csv_value(r, form)
        after += [list(row)] * (2 if what > .95 else 1)
        if what > .85:
            after.append(csv_row(r, form, columns, keys))
    after = [list(row) for row in after]
    for _ in range(r.choice([0, 0, 1, 1, 2, 3]) * form.header):
        edit_columns(r, form, columns, after)
    if r.random() < .2:
        r.shuffle(after)
    return old, csv_text(r, form, columns, after)


def json_value(r):
    return r.choice(VALUES) if r.random() < .7 else str(r.randrange(5))


def json_members(r, keys):
    members = {}
    if r.random() < .95:
        members['id'] = r.choice(
            ['%d', '%d', '%d', '"%d"', 'null', '1.0']).replace(
                '%d', str(r.randrange(keys)))
    if r.random() < .8:
        members['k'] = r.choice(['1', '"1"', '2'])
    for _ in range(r.randrange(5)):
        members[r.choice(MEMBERS)] = json_value(r)
    return members


def json_line(r, row):
    if isinstance(row, str):
        return row
    space = r.choice(['', '', ' '])
    return space + '{' + (',' + space).join(
        '"%s":%s%s' % (k, space, v) for k, v in row.items()) + '}'


def json_pair(r):
    keys = r.choice([3, 10, 30])
    rows = [json_members(r, keys) if r.random() < .9 else r.choice(LINES)
            for _ in range(r.choice([0, 1, 3, 8, 25]))]
    after = []
    for row in rows:
        what = r.random()
        if what < .15:
            continue
        if what < .45 and not isinstance(row, str):
            row = dict(row)
            row[r.choice(MEMBERS + list(row))] = json_value(r)
            if r.random() < .3:
                del row[r.choice(list(row))]
        after += [row] * (2 if what > .95 else 1)
        if what > .85:
            after.append(json_members(r, keys))
    if r.random() < .2:
        r.shuffle(after)
    return tuple(''.join(json_line(r, row) + '\n' for row in rs)
                 for rs in (rows, after))


# ---- comparing -------------------------------------------------------------

def text_of(value):
    return value[1] if isinstance(value, tuple) else value or ''


def frozen(row):
    return tuple(sorted((k, repr(v)) for k, v in row.items()))


def key_of(row, key):
    texts = tuple(text_of(row.get(name, '')) for name in key)
    return texts if key and all(
        isinstance(t, str) and t for t in texts) else None


def by_key(rows, key, seen):
    groups = {}
    for row in rows:
        group = groups.setdefault(key_of(row, key), Counter())
        group[frozen({k: v for k, v in row.items() if seen(k)})] += 1
    return groups


def counts(old, new, form, renamed):
    """Inserted, updated, deleted, and older and newer rows without a key:
    those pair up as dsv sees fit."""
    key = form.key
    before, after = rows_of(old, new, form)
    seen = lambda name: True
    if form.csv:
        before = [{renamed.get(k, k): v for k, v in row.items()}
                  for row in before]
        columns = [renamed.get(k, k) for k in old.columns]
        # Without a header each side has the places of the other.
        either = set(columns) ^ set(new.columns) if form.header else ()
        seen = lambda name: name not in either
        if not all(k in columns and k in new.columns for k in key):
            key = []
    a, b = by_key(before, key, seen), by_key(after, key, seen)
    inserted = updated = deleted = gone = came = 0
    for k in set(a) | set(b):
        x = sum((a.get(k, Counter()) - b.get(k, Counter())).values())
        y = sum((b.get(k, Counter()) - a.get(k, Counter())).values())
        if k is None:
            gone, came = x, y
        else:
            updated += min(x, y)
            inserted += y - min(x, y)
            deleted += x - min(x, y)
    return inserted, updated, deleted, gone, came


# ---- checking --------------------------------------------------------------

def dsv(*args, data=None):
    p = subprocess.run(('dsv',) + args, input=data, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    assert p.returncode == 0, (args, p.returncode, p.stderr)
    return p.stdout


def put(path, text):
    with open(path, 'wb') as f:
        f.write(text.encode())


def check_counts(old, new, form, delta):
    said = json.loads(dsv('diff', '--json', PATH) or b'{"rows":null}')['rows']
    if not said or (form.csv and not (old.columns and new.columns)):
        return
    renamed = {}
    for line in delta.decode().splitlines():
        line = json.loads(line)
        if line['operation'] == 'schema':
            renamed = line.get('renamed', {})
    for a, b in renamed.items():
        assert a in old.columns and a not in new.columns, renamed
        assert b in new.columns and b not in old.columns, renamed
    i, u, d, gone, came = counts(old, new, form, renamed)
    got = said['inserted'], said['updated'], said['deleted']
    paired = got[1] - u
    assert 0 <= paired <= min(gone, came) and \
        got == (i + came - paired, u + paired, d + gone - paired), \
        (got, (i, u, d, gone, came))


def check_apply(source, was, want, form, delta):
    put(PATH, source)
    dsv('add', PATH)
    if delta:
        dsv('apply', '--duplicates', '-', data=delta)
    try:
        with open(PATH, 'rb') as f:
            got = read(f.read().decode(), form)
    except FileNotFoundError:
        got = read('', form)
    a, b = rows_of(got, want, form)
    if form.csv and form.header and want.columns:
        assert got.columns == want.columns, (got.columns, want.columns)
        # A row may end before or after an empty cell in a new column.
        came = set(want.columns) - set(was.columns)
        a, b = ([{k: v for k, v in row.items() if v or k not in came}
                 for row in rows] for rows in (a, b))
    a, b = Counter(map(frozen, a)), Counter(map(frozen, b))
    assert a == b, (list(a - b), list(b - a))


def check_people(form):
    shown = dsv('diff', '--format', form, PATH).decode()
    assert not re.search('[\0-\x08\x0b-\x1f\x7f\u202e]',
                         shown.replace('\r\n', '\n')), form


def check(seed):
    r = random.Random(seed)
    form = Form(r)
    pair = csv_pair(r, form) if form.csv else json_pair(r)
    # Records whose quotes do not close have no end that could be kept.
    if form.csv and form.quote and pair[0].count(form.quote) % 2 | \
            pair[1].count(form.quote) % 2:
        return
    old, new = (read(text, form) for text in pair)
    put('.dsvattributes', form.attributes())
    put(PATH, pair[0])
    dsv('add', PATH)
    assert not dsv('diff', PATH)
    put(PATH, pair[1])
    delta = dsv('diff', '--format', 'jsonl', PATH)
    assert dsv('diff', '--format', 'jsonl', PATH) == delta
    back = dsv('diff', '-R', '--format', 'jsonl', PATH)
    check_counts(old, new, form, delta)
    check_people(r.choice(['table', 'md', 'html', 'daff']))
    check_apply(pair[0], old, new, form, delta)
    check_apply(pair[1], new, old, form, back)


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    failed = 0
    for seed in range(first, first + count):
        try:
            check(seed)
        except AssertionError as e:
            failed += 1
            print('seed %d: %s' % (seed, str(e)[:1000]))
    print('%d pairs, %d wrong' % (count, failed))
    sys.exit(failed > 0)


main()
