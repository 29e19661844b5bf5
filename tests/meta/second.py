#!/usr/bin/env python3
"""A second reader of .dsv, written from dsv-format(5) and nothing else.

	second.py REPOSITORY

prints, for each ref in order,

	REF vNUMBER COMMIT
	REF rows of PATH P A R M	of a file with decisions about rows:
					pending, approved, rejected, to modify
	REF MODE CONTENT PATH		for each file in order

with whatever is not printable ASCII, or a backslash, in PATH as \\xNN.  On the way it checks
every rule of the manual: names of segments, ids of objects, canonical forms,
how files are cut, how recipes and trees are built, the chain of events.
"""

import csv
import ctypes
import hashlib
import io
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

M64 = (1 << 64) - 1
CHUNK, RECIPE, NODE, TREE, COMMIT, EVENT, TABLE, ROWS, DECISIONS = range(1, 10)
ZERO = bytes(32)


class Damaged(Exception):
	pass


def need(condition, what):
	if not condition:
		raise Damaged(what)


def sha(data):
	return hashlib.sha256(data).digest()


class Cursor:
	def __init__(self, data, at=0):
		self.data, self.at = data, at

	def left(self):
		return len(self.data) - self.at

	def take(self, n):
		need(n <= self.left(), "cut short")
		self.at += n
		return self.data[self.at - n:self.at]

	def u8(self):
		return self.take(1)[0]

	def varint(self):
		value = shift = 0
		while True:
			byte = self.u8()
			value |= (byte & 127) << shift
			if byte < 128:
				break
			shift += 7
		need(value <= M64 and (byte or not shift), "varint")
		return value


def varint(n):
	out = bytearray()
	while n > 127:
		out.append(n & 127 | 128)
		n >>= 7
	out.append(n)
	return bytes(out)


# ---- Zstandard -------------------------------------------------------------

class Library:
	def __init__(self):
		self.z = z = ctypes.CDLL("libzstd.so.1")
		size, ptr = ctypes.c_size_t, ctypes.c_void_p
		z.ZSTD_createDCtx.restype = ptr
		z.ZSTD_DCtx_refPrefix.restype = size
		z.ZSTD_DCtx_refPrefix.argtypes = [ptr, ptr, size]
		z.ZSTD_decompressDCtx.restype = size
		z.ZSTD_decompressDCtx.argtypes = [ptr, ptr, size, ptr, size]
		self.context = z.ZSTD_createDCtx()

	def decode(self, stored, raw, prefix):
		out = ctypes.create_string_buffer(raw)
		if prefix:
			self.z.ZSTD_DCtx_refPrefix(self.context, prefix,
				len(prefix))
		n = self.z.ZSTD_decompressDCtx(self.context, out, raw, stored,
			len(stored))
		need(n == raw, "Zstandard")
		return out.raw


class Command:
	def decode(self, stored, raw, prefix):
		with tempfile.NamedTemporaryFile() as f:
			f.write(prefix)
			f.flush()
			patch = ["--patch-from=" + f.name] if prefix else []
			out = subprocess.run(["zstd", "-dcq"] + patch,
				input=stored, stdout=subprocess.PIPE).stdout
		need(len(out) == raw, "Zstandard")
		return out


def zstandard():
	try:
		return Library()
	except (OSError, AttributeError):
		return Command()


# ---- segments --------------------------------------------------------------

class Store:
	def __init__(self, path):
		self.path = path
		self.zstd = zstandard()
		self.places = {}
		self.cache = {}
		self.deltas = 0
		text = open(os.path.join(path, "format"), "rb").read()
		form = re.fullmatch(rb"dsv 1\nwriter ([0-9a-f]{32})\n", text)
		need(form, "format")
		self.writer = form[1]
		for shard in sorted(os.listdir(os.path.join(path, "objects"))):
			self.load_shard(shard)

	def load_shard(self, shard):
		folder = os.path.join(self.path, "objects", shard)
		for name in sorted(os.listdir(folder)):
			data = open(os.path.join(folder, name), "rb").read()
			need(sha(data).hex() == shard + name, "segment's name")
			self.load_segment(data)

	def load_segment(self, data):
		need(data[:8] == b"dsvseg\0\1" and data[-8:] == b"dsvend\0\1",
			"segment")
		end = int.from_bytes(data[-16:-8], "little")
		footer = Cursor(data[:-16], end)
		at = 8
		for _ in range(footer.varint()):
			length = footer.varint()
			self.load_frame(data[at:at + length])
			at += length
		need(at == end and footer.left() == 0, "footer")

	def load_frame(self, data):
		c = Cursor(data)
		codec, kind, n = c.u8(), c.u8(), c.varint()
		stored = c.varint()
		base = c.take(32) if codec == 2 else None
		need(codec <= 2 and CHUNK <= kind <= DECISIONS and 1 <= n <= 8192 and
			(codec != 2 or n == 1), "frame")
		entries = [(c.take(32), c.varint()) for _ in range(n)]
		frame = (codec, base, sum(size for _, size in entries),
			c.take(stored))
		need(c.left() == 0 and frame[2] <= 6291456 and
			stored <= 6291456, "frame")
		at = 0
		for name, size in entries:
			need(size <= 2097152, "object")
			self.places.setdefault((kind, name), (frame, at, size))
			at += size

	def decode(self, frame, kind):
		codec, base, raw, stored = frame
		if codec == 0:
			need(len(stored) == raw, "raw frame")
			return stored
		prefix = b""
		if codec == 2:
			self.deltas += 1
			need((kind, base) in self.places, "base")
			need(self.places[kind, base][0][0] != 2, "depth")
			prefix = self.read(kind, base)
		return self.zstd.decode(stored, raw, prefix)

	def read(self, kind, name):
		need((kind, name) in self.places, "object is missing")
		frame, at, size = self.places[kind, name]
		if id(frame) not in self.cache:
			self.cache[id(frame)] = self.decode(frame, kind)
		data = self.cache[id(frame)][at:at + size]
		need(sha(data) == name, "object's id")
		return data

	def all(self, kind):
		return [name for k, name in self.places if k == kind]


# ---- cutting ---------------------------------------------------------------

def mix64(x):
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9 & M64
	x = (x ^ x >> 27) * 0x94d049bb133111eb & M64
	return x ^ x >> 31


GEAR = [mix64((b + 1) * 0x9e3779b97f4a7c15 & M64) for b in range(256)]


def cut_binary(data, start):
	most = min(len(data) - start, 131072)
	h = 0
	for b in data[start + 8192 - 63:start + 8192]:
		h = 2 * h + GEAR[b] & M64
	for i in range(8193, most + 1):
		h = 2 * h + GEAR[data[start + i - 1]] & M64
		if h >> (64 - (17 if i <= 32768 else 13)) == 0:
			return i
	return most


def word(data, at):
	return int.from_bytes(data[at:at + 8].ljust(8, b"\0"), "little")


def context(data, e):
	h = 0
	for k in range(3):
		h = (h ^ word(data, e - 24 + 8 * k)) * 0x9e3779b97f4a7c15 & M64
		h ^= h >> 29
		h = (h ^ word(data, e + 8 * k)) * 0xbf58476d1ce4e5b9 & M64
		h ^= h >> 32
	return h >> 32


def record_ends(data, how):
	"""Offsets in the whole file."""
	quote = {2: None, 3: b'"', 4: b"'"}[how]
	odd, last = False, 0
	while True:
		at = data.find(b"\n", last)
		if at < 0:
			return
		if quote and data.count(quote, last, at) & 1:
			odd = not odd
		last = at + 1
		if not odd:
			yield last


def cut_text(data, start, ends):
	"""Of ends those after start; the size of the chunk, and if it is
	partial."""
	n = len(data) - start
	best, best_mix, late, before = None, None, None, 0
	for end in ends:
		e = end - start
		if e > 131072:
			late = e if e <= 1048576 else None
			break
		if e >= 8192:
			m = context(data, end)
			if m * 24576 < (e - before) << 32:
				return e, False
			if best is None or m < best_mix:
				best, best_mix = e, m
		before = e
	if n <= 131072:
		return n, False
	if best:
		return best, False
	if late:
		return late, False
	if n <= 1048576:
		return n, False
	return cut_binary(data, start), True


def cut(data, how):
	"""The chunks of a file: (bytes, records, partial)."""
	ends = [] if how == 1 else list(record_ends(data, how))
	first = start = 0
	out = []
	while start < len(data):
		if len(data) <= 65536:
			size, partial = len(data), False
		elif how == 1:
			size, partial = cut_binary(data, start), False
		else:
			size, partial = cut_text(data, start, ends[first:])
		after = first
		while after < len(ends) and ends[after] <= start + size:
			after += 1
		records = after - first
		if how != 1 and start + size == len(data) and not partial:
			records += not ends or ends[-1] != len(data)
		out.append((data[start:start + size], records, partial))
		first, start = after, start + size
	return out


# ---- files -----------------------------------------------------------------

def recipe_build(content, how, chunks):
	"""The bytes of the root and of all nodes, from the chunks."""
	lists, ended, nodes = [[]], [False], {}
	total = [0, 0, 0]

	def encode(entries, height):
		out = b""
		for name, size, records, partial, chunks in entries:
			out += name + varint(size) + \
				varint(2 * records + partial)
			if height:
				out += varint(chunks)
		return out

	def end(height):
		entries = lists[height]
		lists[height], ended[height] = [], True
		data = bytes([height]) + encode(entries, height)
		nodes[sha(data)] = data
		add(height + 1, (sha(data), sum(e[1] for e in entries),
			sum(e[2] for e in entries),
			any(e[3] for e in entries),
			sum(e[4] for e in entries)))

	def add(height, entry):
		if height == len(lists):
			lists.append([])
			ended.append(False)
		lists[height].append(entry)
		n = len(lists[height])
		if n == 512 or n >= 16 and entry[0][0] >> 2 == 0:
			end(height)

	for data, records, partial in chunks:
		add(0, (sha(data), len(data), records, partial, 1))
		total = [total[0] + len(data), total[1] + records, total[2] + 1]
	height = 0
	while ended[height]:
		if lists[height]:
			end(height)
		height += 1
	need(height <= 8, "height of a recipe")
	return bytes([height, how]) + content + b"".join(map(varint, total)) + \
		encode(lists[height], height), nodes


def recipe_walk(store, data, at, height):
	c = Cursor(data, at)
	need(c.left(), "recipe without entries")
	while c.left():
		name, size, records = c.take(32), c.varint(), c.varint()
		if height == 0:
			chunk = store.read(CHUNK, name)
			need(len(chunk) == size, "size of a chunk")
			yield chunk, records >> 1, bool(records & 1)
			continue
		c.varint()
		node = store.read(NODE, name)
		need(node[0] == height - 1, "height of a node")
		yield from recipe_walk(store, node, 1, height - 1)


def recipe_read(store, name):
	"""The content id and bytes of a file, all rules checked."""
	root = store.read(RECIPE, name)
	c = Cursor(root)
	height, how, content = c.u8(), c.u8(), c.take(32)
	size = c.varint()
	c.varint()
	need(c.varint() >= 2 and 1 <= how <= 4, "recipe")
	chunks = list(recipe_walk(store, root, c.at, height))
	data = b"".join(chunk[0] for chunk in chunks)
	need(len(data) == size and sha(data) == content, "content")
	need(chunks == cut(data, how), "the file is cut otherwise")
	again, nodes = recipe_build(content, how, chunks)
	need(again == root, "the recipe is built otherwise")
	for node in nodes:
		need(store.read(NODE, node) == nodes[node], "node")
	return content, data


# ---- trees -----------------------------------------------------------------

IGNORABLE = [(0xad, 0xad), (0x34f, 0x34f), (0x61c, 0x61c), (0x115f, 0x1160),
	(0x17b4, 0x17b5), (0x180b, 0x180f), (0x200b, 0x200f), (0x202a, 0x202e),
	(0x2060, 0x206f), (0x3164, 0x3164), (0xfe00, 0xfe0f), (0xfeff, 0xfeff),
	(0xffa0, 0xffa0), (0xfff0, 0xfff8), (0x1bca0, 0x1bca3),
	(0x1d173, 0x1d17a), (0xe0000, 0xe0fff)]


def fold(text):
	text = "".join(c for c in text
		if not any(a <= ord(c) <= b for a, b in IGNORABLE))
	return unicodedata.normalize("NFC", text.casefold())


def name_ok(name):
	if not 1 <= len(name) <= 4096 or name in (b".", b"..") or \
			b"/" in name or b"\0" in name or name.lower() == b".dsv":
		return False
	try:
		text = name.decode("utf-8")
	except UnicodeDecodeError:
		return True
	narrow = "".join(chr(ord(c) - 0xfee0) if 0xff01 <= ord(c) <= 0xff5e
		else c for c in text)
	return fold(narrow) != ".dsv"


def tree_ends(height, name):
	h = 0xcbf29ce484222325 + height
	for c in name:
		h = (h ^ c) * 0x100000001b3 & M64
	h = (h ^ h >> 32) * 0x9e3779b97f4a7c15 & M64
	return h >> 58 == 0


def tree_build(entries):
	"""The id of a directory of (name, encoded entry of height 0)."""
	height = 0
	while True:
		trees, data, last = [], bytes([height]), None
		for last, encoded in entries:
			data += encoded
			if height < 8 and (len(data) >= 262144 or
					tree_ends(height, last)):
				trees.append((last, data))
				data = bytes([height])
		if len(data) > 1 or not trees:
			trees.append((last, data))
		if len(trees) == 1:
			return sha(trees[0][1])
		entries = [(name, varint(len(name)) + name + sha(tree))
			for name, tree in trees]
		height += 1


def tree_walk(store, name, height=None):
	"""Entries (name, encoded, mode, id, size) of a directory."""
	c = Cursor(store.read(TREE, name))
	own = c.u8()
	need(own <= 8 and height in (None, own), "height of a tree")
	while c.left():
		start = c.at
		mode = c.u8() if own == 0 else 0
		entry = c.take(c.varint())
		child = c.take(32)
		if own:
			below = list(tree_walk(store, child, own - 1))
			need(below[-1][0] == entry, "last name of a tree")
			yield from below
			continue
		size = c.varint()
		need(1 <= mode <= 4 and name_ok(entry) and
			(mode != 4 or size == 0), "entry of a tree")
		yield entry, c.data[start:c.at], mode, child, size


def directory(store, name, prefix=b"", depth=0):
	need(depth < 1024, "depth")
	entries = list(tree_walk(store, name))
	names = [e[0] for e in entries]
	need(names == sorted(set(names)), "order of a tree")
	need(tree_build([e[:2] for e in entries]) == name,
		"the tree is built otherwise")
	need(entries or not prefix, "an empty directory")
	for entry, _, mode, child, size in entries:
		path = prefix + entry
		if mode == 4:
			yield from directory(store, child, path + b"/", depth + 1)
		else:
			yield path, mode, child, size


# ---- commits and events ----------------------------------------------------

HEX = rb"[0-9a-f]{64}"
TEXT = rb"[^\x00-\x1f\x7f]"
NAME = rb"(?! )[^\x00-\x1f\x7f<>]+(?<! )"
PERSON = NAME + rb" <[^\x00-\x20\x7f<>]*>"
TIME = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
KEY = rb"[A-Za-z0-9_.-]{1,255}"
SIGNATURE = rb"U1NIU0lH(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|" \
	rb"[A-Za-z0-9+/]{3}=)?"
COMMIT_FORM = re.compile(
	rb"tree (" + HEX + rb")\n((?:parent " + HEX + rb"\n){0,16})"
	rb"author " + PERSON + b" " + TIME + rb"\n"
	rb"committer " + PERSON + b" " + TIME + rb"\n"
	rb"(?:job " + TEXT + rb"+\n)?"
	rb"((?:meta " + KEY + rb"=" + TEXT + rb"*\n){0,256})"
	rb"(?:signature (" + SIGNATURE + rb")\n)?"
	rb"\n[^\0]*")
EVENT_FORM = re.compile(
	rb"event (" + KEY + rb")\nwriter ([0-9a-f]{32})\nseq ([1-9]\d*)\n"
	rb"(?:prev (" + HEX + rb")\n)?time " + TIME + rb"\nactor " + PERSON +
	rb"\nidentity " + TEXT + rb"+\n"
	rb"((?:ref " + TEXT + rb"+\n){0,64})"
	rb"((?:(?!ref )" + KEY + rb" " + TEXT + rb"*\n)*)\n[^\0]*")


def ascending(lines):
	keys = [re.match(KEY, line)[0] for line in lines.splitlines()]
	return keys == sorted(set(keys))


def signature_ok(text):
	return re.fullmatch(SIGNATURE, text) and len(text) <= 16384


def commit_read(store, name):
	data = store.read(COMMIT, name)
	form = COMMIT_FORM.fullmatch(data)
	need(form and len(data) <= 1048576, "commit")
	need(ascending(form[3].replace(b"meta ", b"")), "keys of a commit")
	need(form[4] is None or signature_ok(form[4]), "signature of a commit")
	parents = [bytes.fromhex(line.split()[1].decode())
		for line in form[2].splitlines()]
	return bytes.fromhex(form[1].decode()), parents


def ref_ok(ref):
	text = ref.decode("utf-8")
	form = re.fullmatch(r"(branch|tag|approved)/(.*)", text)
	return form and len(ref) <= 255 and \
		not re.search(r"\.\.|[\x00-\x20\x7f~^:?*[\\,@]", form[2]) and \
		form[2] != "HEAD" and not form[2].startswith("approved/") and \
		not re.fullmatch(r"[0-9A-Fa-f]{4,}|[vV][0-9]+", form[2]) and \
		all(p and p[0] not in ".-" and not p.endswith((".", ".lock"))
			for p in form[2].split("/"))


def review(states, fields, act):
	"""What an act makes of the state of the version that it is about."""
	commit = fields.get(b"commit")
	if commit is None:
		return
	state, retracted = states.get(commit, ("draft", False))
	if act == b"submit" and state == "draft":
		state = "submitted"
	elif act == b"withdraw" and state == "submitted":
		state = "draft"
	elif act == b"reject" and state in ("draft", "submitted"):
		state = "rejected"
	elif act == b"approve" and state in ("draft", "submitted") and \
			fields.get(b"state") == b"approved":
		state = "approved"
	elif act in (b"retract", b"unretract"):
		retracted = act == b"retract"
	states[commit] = state, retracted


def replay(store):
	"""The refs that the events leave behind, and the states of versions."""
	events = []
	for name in store.all(EVENT):
		data = store.read(EVENT, name)
		form = EVENT_FORM.fullmatch(data)
		need(form and len(data) <= 1048576, "event")
		need(ascending(form[6]), "keys of an event")
		need(form[2] == store.writer, "writer")
		events.append((int(form[3]), name, form))
	refs, states, decides, last = {}, {}, [], None
	for seq, (number, name, form) in enumerate(sorted(
			events, key=lambda e: e[0]), 1):
		prev = bytes.fromhex(form[4].decode()) if form[4] else None
		need(number == seq and prev == last, "chain of events")
		last = name
		fields = dict(line.split(b" ", 1)
			for line in form[6].splitlines())
		need(signature_ok(fields.get(b"signature", b"U1NIU0lH")),
			"signature of an event")
		review(states, fields, form[1])
		if form[1] == b"decide":
			decides.append(fields)
		changes = [line.split(b" ")[1:] for line in form[5].splitlines()]
		need(len(set(c[0] for c in changes)) == len(changes), "refs")
		for ref, old, new in sorted(changes, key=lambda c: c[2] != b"-"):
			need(ref_ok(ref) and refs.get(ref, b"-") == old,
				"change of a ref")
			refs.pop(ref, None)
			need(fold(ref.decode()) not in
				[fold(r.decode()) for r in refs], "fold of a ref")
			if new != b"-":
				refs[ref] = new
	return refs, states, decides


# ---- all of it -------------------------------------------------------------

def number(store, known, commit):
	"""The number of a version; without recursion, history can be long."""
	stack = [commit]
	while stack:
		_, parents = commit_read(store, stack[-1])
		missing = [p for p in parents if p not in known]
		if missing:
			stack += missing
		else:
			known[stack.pop()] = 1 + max(
				[known[p] for p in parents], default=0)
	return known[commit]


def rows_read(store, name):
	c = Cursor(store.read(ROWS, name))
	c.take(32)
	for part in c.take(c.varint()).split(b"/"):
		need(name_ok(part), "path of row changes")
	key, ends, extent = c.take(c.varint()), c.take(64), c.u8()
	need(len(key) <= 65536 and ends[:32] != ends[32:] and 1 <= extent <= 3,
		"row changes")
	if extent == 3:
		need(c.left() <= 1024, "note of row changes")
		return
	counts = [c.varint() for _ in range(5)]
	need(counts[1] + counts[2] <= counts[0] and
		(ends[32:] != ZERO or not counts[0]), "counts of row changes")
	keys = c.take(c.left())
	need(len(keys) % 16 == 0 and len(keys) <= 16 * 100000 and
		(extent == 1 or not keys), "keys of row changes")
	keys = [keys[i:i + 16] for i in range(0, len(keys), 16)]
	need(all(a < b for a, b in zip(keys, keys[1:])), "order of keys")


def decisions_read(store, name):
	c = Cursor(store.read(DECISIONS, name))
	path = c.take(c.varint())
	for part in path.split(b"/"):
		need(name_ok(part), "path of decisions")
	key = c.take(c.varint())
	need(len(key) <= 65536, "key of decisions")
	rows, verdicts = [], []
	while c.left():
		rows.append(c.take(48))
		verdicts.append(c.u8())
		need(1 <= verdicts[-1] <= 3, "verdict")
		for _ in range(3):
			text = c.take(c.varint())
			need(len(text) <= 65536 and b"\0" not in text,
				"text of a decision")
	need(rows and all(a < b for a, b in zip(rows, rows[1:])),
		"order of decisions")
	return path, key, dict(zip(rows, verdicts))


def measured(texts):
	return b"".join(len(t).to_bytes(8, "little") + t for t in texts)


def rows_hashed(data, key):
	"""Key and row of each row of a table, as a decision names them."""
	table = csv.reader(io.StringIO(data.decode(), newline=""))
	header = next(table)
	for row in table:
		cells = dict(zip(header, row))
		yield (sha(measured(cells[name].encode()
			for name in key.split(",")))[:16] + sha(measured(
			part.encode() for name in sorted(cells) if cells[name]
			for part in (name, cells[name]))))


def states_of_rows(store, decides, commit, read):
	"""How many rows of each file are in which state."""
	line, stack = set(), [commit]
	while stack:
		at = stack.pop()
		if at not in line:
			line.add(at)
			stack += commit_read(store, at)[1]
	decided, keys = {}, {}
	for fields in decides:
		path, key, rows = decisions_read(store,
			bytes.fromhex(fields[b"decisions"].decode()))
		need(fields[b"path"] == b"".join(b"%%%02x" % b if b < 32 or
			b in b"%\x7f" else bytes([b]) for b in path), "path")
		if bytes.fromhex(fields[b"commit"].decode()) in line:
			decided.setdefault(path, {}).update(rows)
			keys[path] = key.decode()
	for path, mode, content, size in directory(store,
			commit_read(store, commit)[0]):
		if path in decided:
			counts = [0, 0, 0, 0]
			for row in rows_hashed(read(content), keys[path]):
				counts[decided[path].get(row, 0)] += 1
			yield path, counts


def shown(path):
	return "".join(chr(b) if 32 <= b < 127 and b != 92 else "\\x%02x" % b
		for b in path)


def main():
	store = Store(sys.argv[1])
	for kind, name in list(store.places):
		store.read(kind, name)
	recipes = {}

	def read(content):
		return recipe_read(store, recipes[content])[1] \
			if content in recipes else store.read(CHUNK, content)

	sizes = {name: len(store.read(CHUNK, name)) for name in store.all(CHUNK)}
	for name in store.all(RECIPE):
		content, data = recipe_read(store, name)
		sizes[content] = len(data)
		recipes[content] = name
	for name in store.all(TABLE):
		need(len(store.read(TABLE, name)) >= 64, "fact")
	for name in store.all(ROWS):
		rows_read(store, name)
	for name in store.all(DECISIONS):
		decisions_read(store, name)
	numbers, trees = {}, {}
	refs, states, decides = replay(store)
	for commit, (state, retracted) in sorted(states.items()):
		commit_read(store, bytes.fromhex(commit.decode()))
		print("review", commit.decode(), state,
			"retracted" if retracted else "in use")
	for ref, commit in sorted(refs.items()):
		commit = bytes.fromhex(commit.decode())
		n = number(store, numbers, commit)
		print(shown(ref), "v%d" % n, commit.hex())
		for path, counts in states_of_rows(store, decides, commit, read):
			print(shown(ref), "rows of", shown(path), *counts)
		tree = commit_read(store, commit)[0]
		for path, mode, content, size in directory(store, tree):
			need(sizes.get(content) == size, "size of a file")
			print(shown(ref), (0, "file", "exec", "link")[mode],
				content.hex(), shown(path))
	for commit in numbers:
		tree = commit_read(store, commit)[0]
		if tree not in trees:
			trees[tree] = sum(1 for _ in directory(store, tree))
	print("# %d versions, %d trees, %d objects, %d deltas" % (len(numbers),
		len(trees), len(store.places), store.deltas), file=sys.stderr)


if __name__ == "__main__":
	try:
		main()
	except Damaged as e:
		sys.exit("second.py: %s" % e)
