var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// src/text/yaml-package.ts
var yaml_package_exports = {};
__export(yaml_package_exports, {
  LineCounter: () => LineCounter,
  parseDocument: () => parseDocument
});
import { LineCounter, parseDocument } from "yaml";
var init_yaml_package = __esm({
  "src/text/yaml-package.ts"() {
    "use strict";
  }
});

// src/profile/nsys/read-sqlite.ts
import { createHash as createHash2 } from "node:crypto";
import { statSync as statSync2 } from "node:fs";

// src/text/fault.ts
var Fault = class extends Error {
  kind;
  code;
  details;
  constructor(kind, code, message, details = {}) {
    super(message, details.cause === void 0 ? void 0 : { cause: details.cause });
    this.name = "Fault";
    this.kind = kind;
    this.code = code;
    this.details = details;
  }
};
var inputFault = (code, message, details = {}) => new Fault("input", code, message, details);
var systemCode = (error) => error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : void 0;

// src/profile/buckets.ts
import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

// src/text/yaml.ts
var parseYaml = async (text, path) => {
  const { LineCounter: LineCounter2, parseDocument: parseDocument2 } = await Promise.resolve().then(() => (init_yaml_package(), yaml_package_exports));
  const lineCounter = new LineCounter2();
  const document = parseDocument2(text, { lineCounter, uniqueKeys: true, prettyErrors: false });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== void 0) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw inputFault("yaml_syntax", `${path}: ${problem.message} at line ${line}, column ${col}`, {
      path,
      at: `${line}:${col}`,
      fix: "correct the YAML at that place"
    });
  }
  return document.toJS();
};

// src/profile/buckets.ts
var BUCKETS = [
  "gemm",
  "attention",
  "moe",
  "norm",
  "elementwise",
  "reduction",
  "collective",
  "copy",
  "memset",
  "sampling",
  "quantise",
  "other"
];
var CATEGORIES = [
  "NCCL",
  "MoE",
  "FMHA",
  "BMM-NVFP4",
  "Triton-fused",
  "cuBLAS",
  "Elementwise",
  "Other"
];
var rulesSchema = z.strictObject({
  category_of_triton: z.enum(CATEGORIES),
  rules: z.array(
    z.strictObject({
      bucket: z.enum(BUCKETS),
      category: z.enum(CATEGORIES),
      head: z.array(z.string()).default([]),
      name: z.array(z.string()).default([])
    })
  )
});
var defaultRulesPath = () => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "configs", "kernel-buckets.yaml"))) {
    const parent = dirname(folder);
    if (parent === folder) throw inputFault("bucket_rules_absent", "configs/kernel-buckets.yaml is not installed");
    folder = parent;
  }
  return join(folder, "configs", "kernel-buckets.yaml");
};
var loadBucketRules = async (path = defaultRulesPath()) => {
  const parsed = rulesSchema.safeParse(await parseYaml(await readFile(path, "utf8"), path));
  if (parsed.success) return parsed.data;
  throw inputFault("bucket_rules_invalid", z.prettifyError(parsed.error), {
    path,
    fix: "Correct the rule named above."
  });
};
var kernelHead = (name) => {
  const declared = name.startsWith("std::enable_if") ? name.replace(/^.*?>::type /, "") : name;
  const plain2 = declared.replace(/\((anonymous namespace|anonymous_namespace)\)/g, "anonymous").replace(/<unnamed>/g, "unnamed");
  const end = plain2.search(/[<(]/);
  const signature = end < 0 ? plain2 : plain2.slice(0, end);
  return signature.trim().split(/\s+/).at(-1) ?? "";
};
var classifier = (rules2) => {
  const either = (patterns) => patterns.length === 0 ? null : new RegExp(patterns.map((pattern) => `(?:${pattern})`).join("|"), "i");
  const compiled = rules2.rules.map((rule) => ({ ...rule, head: either(rule.head), name: either(rule.name) }));
  const known = /* @__PURE__ */ new Map();
  const classify = (name) => {
    const head = kernelHead(name);
    const rule = compiled.find((entry) => entry.head?.test(head) === true || entry.name?.test(name) === true);
    const bucket = rule?.bucket ?? "other";
    if (/^triton_/i.test(head)) return { bucket, category: rules2.category_of_triton };
    return { bucket, category: rule?.category ?? "Other" };
  };
  return (name) => {
    const found = known.get(name) ?? classify(name);
    known.set(name, found);
    return found;
  };
};

// src/profile/order.ts
var ascendingOrder = (keys) => {
  let order = Uint32Array.from({ length: keys.length }, (_, index) => index);
  let bounds = runBounds(keys);
  let spare = new Uint32Array(keys.length);
  while (bounds.length > 2) {
    const merged = [0];
    for (let run = 0; run + 1 < bounds.length; run += 2) {
      const start = bounds[run] ?? 0;
      const middle = bounds[run + 1] ?? start;
      const end = bounds[run + 2] ?? middle;
      mergeRuns(keys, order, spare, start, middle, end);
      merged.push(end);
    }
    [order, spare] = [spare, order];
    bounds = merged;
  }
  return order;
};
var runBounds = (keys) => {
  const bounds = [0];
  for (let i = 1; i < keys.length; i++) if ((keys[i] ?? 0) < (keys[i - 1] ?? 0)) bounds.push(i);
  bounds.push(keys.length);
  return bounds;
};
var mergeRuns = (keys, from, to, start, middle, end) => {
  let left = start;
  let right = middle;
  for (let out = start; out < end; out++) {
    const a = from[left] ?? 0;
    const b = from[right] ?? 0;
    const takeLeft = left < middle && (right >= end || (keys[a] ?? 0) <= (keys[b] ?? 0));
    to[out] = takeLeft ? a : b;
    if (takeLeft) left++;
    else right++;
  }
};

// src/profile/rank-order.ts
var inRankOrder = (side) => {
  const order = side.ranks.map((_, index) => index).sort((a, b) => compareRanks(side.ranks[a], side.ranks[b]) || a - b);
  const place = new Map(order.map((old, index) => [old, index]));
  const moved = (items) => items.map((item) => ({ ...item, rank: place.get(item.rank) ?? item.rank }));
  const ranks = order.flatMap((old) => side.ranks[old] ?? []);
  return {
    ...side,
    ranks: ranks.map((rank, index) => rank.label === "" ? { ...rank, label: `rank ${index}` } : rank),
    groups: moved(side.groups),
    copies: moved(side.copies),
    sets: moved(side.sets),
    graphs: moved(side.graphs),
    streams: moved(side.streams),
    timelines: moved(side.timelines).sort((a, b) => a.rank - b.rank),
    collectives: movedCollectives(side.collectives, place),
    steps: moved(side.steps)
  };
};
var compareRanks = (a, b) => (a?.label ?? "").localeCompare(b?.label ?? "", "en", { numeric: true }) || (a?.host ?? "").localeCompare(b?.host ?? "") || (a?.device ?? 0) - (b?.device ?? 0) || (a?.pid ?? 0) - (b?.pid ?? 0);
var movedCollectives = (calls, place) => ({
  ...calls,
  rank: calls.rank.map((rank) => place.get(rank) ?? rank)
});

// src/profile/ranges.ts
var sumRanges = (set, launches) => {
  const sums = /* @__PURE__ */ new Map();
  const sumOf = (domain, name) => {
    const byName = sums.get(domain) ?? /* @__PURE__ */ new Map();
    sums.set(domain, byName);
    const sum = byName.get(name) ?? newSum();
    byName.set(name, sum);
    return sum;
  };
  const launchesOf = byThread(launches ?? []);
  for (const track of set.tracks) {
    const nested = nestedOrder(track);
    addHostTime(track, nested, (name) => sumOf(track.domain, name));
    addKernelTime(track, nested, launchesOf.get(track.thread) ?? [], (name) => sumOf(track.domain, name));
  }
  const attributed = launches !== null;
  return [...sums].flatMap(
    ([domain, byName]) => [...byName].map(([name, sum]) => ({
      domain,
      name: set.names[name] ?? "",
      count: sum.count,
      totalNs: sum.totalNs,
      selfNs: sum.selfNs,
      gpuNs: attributed ? sum.gpuNs : null,
      gpuSelfNs: attributed ? sum.gpuSelfNs : null,
      kernels: attributed ? sum.kernels : null,
      kernelsSelf: attributed ? sum.kernelsSelf : null
    }))
  );
};
var newSum = () => ({
  count: 0,
  totalNs: 0,
  selfNs: 0,
  gpuNs: 0,
  gpuSelfNs: 0,
  kernels: 0,
  kernelsSelf: 0
});
var byThread = (launches) => {
  const groups = /* @__PURE__ */ new Map();
  for (const launch of launches) {
    const group = groups.get(launch.thread);
    if (group === void 0) groups.set(launch.thread, [launch]);
    else group.push(launch);
  }
  for (const group of groups.values()) group.sort((a, b) => a.startNs - b.startNs);
  return groups;
};
var nestedOrder = (track) => {
  const order = Array.from(ascendingOrder(Float64Array.from(track.start)));
  return order.sort(
    (a, b) => (track.start[a] ?? 0) - (track.start[b] ?? 0) || (track.end[b] ?? 0) - (track.end[a] ?? 0)
  );
};
var addHostTime = (track, order, sumOf) => {
  const open = [];
  for (const range of order) {
    const start = track.start[range] ?? 0;
    const duration = (track.end[range] ?? 0) - start;
    closeBefore(track, open, start);
    const parent = open.at(-1);
    if (parent !== void 0) sumOf(track.name[parent] ?? 0).selfNs -= duration;
    const sum = sumOf(track.name[range] ?? 0);
    sum.count++;
    sum.totalNs += duration;
    sum.selfNs += duration;
    open.push(range);
  }
};
var closeBefore = (track, open, time) => {
  while (open.length > 0 && (track.end[open.at(-1) ?? 0] ?? 0) <= time) open.pop();
};
var addKernelTime = (track, order, launches, sumOf) => {
  const open = [];
  let next = 0;
  for (const launch of launches) {
    for (; next < order.length; next++) {
      const range = order[next] ?? 0;
      const start = track.start[range] ?? 0;
      if (start > launch.startNs) break;
      closeBefore(track, open, start);
      open.push(range);
    }
    const names = /* @__PURE__ */ new Set();
    for (let depth = open.length - 1; depth >= 0; depth--) {
      const range = open[depth] ?? 0;
      if ((track.end[range] ?? 0) < launch.endNs) continue;
      const name = track.name[range] ?? 0;
      const sum = sumOf(name);
      if (names.size === 0) {
        sum.gpuSelfNs += launch.kernelNs;
        sum.kernelsSelf++;
      }
      if (names.has(name)) continue;
      names.add(name);
      sum.gpuNs += launch.kernelNs;
      sum.kernels++;
    }
  }
};
var stepAt = (starts, time) => {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = low + high >>> 1;
    if ((starts[middle] ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

// src/profile/sqlite/database.ts
import { closeSync as closeSync2, openSync as openSync2, readSync as readSync2, statSync } from "node:fs";

// src/profile/sqlite/format.ts
var HEADER_BYTES = 100;
var LEAF_TABLE_PAGE = 13;
var INTERIOR_TABLE_PAGE = 5;
var MAGIC = "SQLite format 3\0";
var ENCODINGS = ["utf8", "utf16le", "utf16be"];
var SERIAL_BYTES = Uint8Array.of(0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0);
var serialBytes = (type) => type < 12 ? SERIAL_BYTES[type] ?? 0 : Math.floor((type - 12) / 2);
var isText = (type) => type >= 13 && type % 2 === 1;
var parseHeader = (bytes, path) => {
  if (bytes.length < HEADER_BYTES || bytes.toString("latin1", 0, 16) !== MAGIC) {
    throw inputFault("sqlite_foreign", `not a SQLite 3 database (${bytes.length} bytes of header read)`, {
      path,
      fix: "Give an nsys SQLite export, or the .nsys-rep that it was made from."
    });
  }
  const raw = bytes.readUInt16BE(16);
  const pageSize = raw === 1 ? 65536 : raw;
  const usableSize = pageSize - bytes.readUInt8(20);
  const encoding = ENCODINGS[bytes.readUInt32BE(56) - 1] ?? (bytes.readUInt32BE(56) === 0 ? "utf8" : void 0);
  const powerOfTwo = pageSize >= 512 && (pageSize & pageSize - 1) === 0;
  if (!powerOfTwo || usableSize < 480 || encoding === void 0) throw damaged(path, "header", "impossible header");
  const sizeIsCurrent = bytes.readUInt32BE(24) === bytes.readUInt32BE(92) && bytes.readUInt32BE(28) > 0;
  const pageCount = sizeIsCurrent ? bytes.readUInt32BE(28) : null;
  return { pageSize, usableSize, encoding, walMode: bytes.readUInt8(19) === 2, pageCount };
};
var decodeText = (bytes, at, end, encoding) => encoding === "utf16be" ? Buffer.from(bytes.subarray(at, end)).swap16().toString("utf16le") : bytes.toString(encoding, at, end);
var damaged = (path, at, what) => inputFault("sqlite_damaged", `damaged or truncated SQLite file: ${what}`, {
  path,
  at,
  fix: "Export the report again (nsys export --type sqlite), or copy the file again if it was cut in transfer."
});
var varintValue = (bytes, at) => {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[at + i] ?? 0;
    value = value * 128 + (byte & 127);
    if (byte < 128) return value;
  }
  return value * 256 + (bytes[at + 8] ?? 0);
};
var varintLength = (bytes, at) => {
  let length = 1;
  while (length < 9 && (bytes[at + length - 1] ?? 0) >= 128) length++;
  return length;
};
var localPayload = (length, usableSize) => {
  const most = usableSize - 35;
  if (length <= most) return length;
  const least = Math.floor((usableSize - 12) * 32 / 255) - 23;
  const local = least + (length - least) % (usableSize - 4);
  return local <= most ? local : least;
};

// src/profile/sqlite/ddl.ts
var TOKEN = /--[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"]|"")*"|\[[^\]]*\]|`(?:[^`]|``)*`|'(?:[^']|'')*'|[(),]|[^\s(),"'`[]+/g;
var CONSTRAINT = /* @__PURE__ */ new Set(["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"]);
var tokensOf = (sql) => [...sql.matchAll(TOKEN)].map((match) => match[0]).filter((text) => !text.startsWith("--") && !text.startsWith("/*")).map((text) => /^["[`]/.test(text) ? { text: unquote(text), quoted: true } : { text, quoted: false });
var unquote = (text) => {
  const mark = text.charAt(0);
  const inner = text.slice(1, -1);
  return mark === "[" ? inner : inner.replaceAll(mark + mark, mark);
};
var isMark = (token, mark) => !token.quoted && token.text === mark;
var definitionsOf = (tokens) => {
  const open = tokens.findIndex((token) => isMark(token, "("));
  const definitions = [[]];
  let depth = 1;
  let at = open + 1;
  for (; at < tokens.length && depth > 0; at++) {
    const token = tokens[at];
    if (token === void 0) break;
    if (isMark(token, "(")) depth++;
    if (isMark(token, ")")) depth--;
    if (depth === 1 && isMark(token, ",")) definitions.push([]);
    else if (depth > 0) definitions.at(-1)?.push(token);
  }
  return { definitions, tail: tokens.slice(at) };
};
var words = (tokens) => tokens.map((token) => token.quoted ? '"' : token.text.toUpperCase()).join(" ");
var parseCreateTable = (sql) => {
  const { definitions, tail } = definitionsOf(tokensOf(sql));
  const isConstraint = (tokens) => tokens[0]?.quoted === false && CONSTRAINT.has(tokens[0].text.toUpperCase());
  const keyOfTable = definitions.filter(isConstraint).map((tokens) => /PRIMARY KEY \( (\S+) \)/.exec(tokens.map((token) => token.text).join(" "))?.[1]).find((name) => name !== void 0);
  const columns = definitions.filter((tokens) => tokens.length > 0 && !isConstraint(tokens));
  return {
    columns: columns.map((tokens) => declaredColumn(tokens, keyOfTable)),
    plain: !/WITHOUT ROWID/.test(words(tail)) && !columns.some((tokens) => /\bAS \(/.test(words(tokens.slice(1))))
  };
};
var declaredColumn = (tokens, keyOfTable) => {
  const [name, ...rest] = tokens;
  const text = words(rest);
  const ownKey = /PRIMARY KEY/.test(text) && !/PRIMARY KEY DESC/.test(text);
  const tableKey = keyOfTable?.toLowerCase() === name?.text.toLowerCase();
  const integer = rest[0]?.text.toUpperCase() === "INTEGER";
  return { name: name?.text ?? "", rowid: integer && (ownKey || tableKey), hasDefault: /\bDEFAULT\b/.test(text) };
};

// src/profile/sqlite/pager.ts
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
var openPager = (path) => {
  const descriptor = openForReading(path);
  try {
    return pagerOver(descriptor, path);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
};
var openForReading = (path) => {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw inputFault("profile_unreadable", `cannot read the profile: ${systemCode(cause) ?? "unknown error"}`, {
      path,
      cause,
      fix: "Check the path and its permissions."
    });
  }
};
var pagerOver = (descriptor, path) => {
  const size = fstatSync(descriptor).size;
  const head = Buffer.alloc(Math.min(HEADER_BYTES, size));
  readSync(descriptor, head, 0, head.length, 0);
  const header = parseHeader(head, path);
  const pageCount = Math.floor(size / header.pageSize);
  if (header.pageCount !== null && pageCount < header.pageCount) {
    throw damaged(path, `page ${pageCount + 1}`, `${header.pageCount} pages expected, the file holds ${pageCount}`);
  }
  const pagesInto = (target, first, count) => {
    if (first < 1 || first + count - 1 > pageCount) throw damaged(path, `page ${first}`, "page outside the file");
    const bytes = count * header.pageSize;
    const got = readSync(descriptor, target, 0, bytes, (first - 1) * header.pageSize);
    if (got !== bytes) throw damaged(path, `page ${first}`, "the file became shorter while it was read");
  };
  const page = (number) => {
    const bytes = Buffer.allocUnsafe(header.pageSize);
    pagesInto(bytes, number, 1);
    return bytes;
  };
  return { path, header, pageCount, page, pagesInto, close: () => closeSync(descriptor) };
};

// src/profile/sqlite/btree.ts
var treeStart = (page) => page === 1 ? 100 : 0;
var childrenOf = (pager, number, bytes) => {
  const start = treeStart(number);
  const cells = bytes.readUInt16BE(start + 3);
  if (start + 12 + 2 * cells > pager.header.usableSize) throw damaged(pager.path, `page ${number}`, "too many cells");
  const children = [];
  for (let cell = 0; cell < cells; cell++) {
    const pointer = bytes.readUInt16BE(start + 12 + 2 * cell);
    if (pointer + 4 > pager.header.usableSize) throw damaged(pager.path, `page ${number}`, "cell outside its page");
    children.push(bytes.readUInt32BE(pointer));
  }
  children.push(bytes.readUInt32BE(start + 8));
  return children;
};
var leafPages = (pager, root) => {
  let level = [root];
  for (let depth = 0; depth < 24; depth++) {
    const first = level[0] ?? root;
    const bytes = pager.page(first);
    const type = bytes[treeStart(first)];
    if (type === LEAF_TABLE_PAGE) return Uint32Array.from(level).sort();
    if (type !== INTERIOR_TABLE_PAGE) throw damaged(pager.path, `page ${first}`, `page type ${type} in a table`);
    level = level.flatMap((number) => interiorChildren(pager, number));
    if (level.length > pager.pageCount) throw damaged(pager.path, `page ${root}`, "the b-tree holds a cycle");
  }
  throw damaged(pager.path, `page ${root}`, "the b-tree is too deep");
};
var interiorChildren = (pager, number) => {
  const bytes = pager.page(number);
  const type = bytes[treeStart(number)];
  if (type !== INTERIOR_TABLE_PAGE)
    throw damaged(pager.path, `page ${number}`, `page type ${type} among interior pages`);
  return childrenOf(pager, number, bytes);
};
var readOverflow = (pager, next, target, at, end) => {
  const room = pager.header.usableSize - 4;
  let page = next;
  for (let filled = at; filled < end; ) {
    if (page === 0) throw damaged(pager.path, "overflow", "an overflow chain ends too early");
    const bytes = pager.page(page);
    filled += bytes.copy(target, filled, 4, 4 + Math.min(room, end - filled));
    page = bytes.readUInt32BE(0);
  }
};

// src/profile/sqlite/record.ts
function* rowsOf(pager, root) {
  for (const number of leafPages(pager, root)) {
    const page = pager.page(number);
    const start = treeStart(number);
    const cells = page.readUInt16BE(start + 3);
    for (let cell = 0; cell < cells; cell++) yield rowAt(pager, page, page.readUInt16BE(start + 8 + 2 * cell));
  }
}
var rowAt = (pager, page, pointer) => {
  const length = varintValue(page, pointer);
  const keyAt = pointer + varintLength(page, pointer);
  const at = keyAt + varintLength(page, keyAt);
  return {
    rowid: varintValue(page, keyAt),
    values: valuesOf(payloadAt(pager, page, at, length), pager.header.encoding)
  };
};
var payloadAt = (pager, page, at, length) => {
  const local = localPayload(length, pager.header.usableSize);
  if (local === length) return page.subarray(at, at + length);
  if (length > pager.pageCount * pager.header.pageSize) throw new RangeError("a payload is longer than the file");
  const whole = Buffer.alloc(length);
  page.copy(whole, 0, at, at + local);
  readOverflow(pager, page.readUInt32BE(at + local), whole, local, length);
  return whole;
};
var valuesOf = (record, encoding) => {
  const values = [];
  const headerEnd = varintValue(record, 0);
  if (headerEnd > record.length) throw new RangeError("a record header is longer than its record");
  let body = headerEnd;
  for (let at = varintLength(record, 0); at < headerEnd; at += varintLength(record, at)) {
    const type = varintValue(record, at);
    values.push(valueOf(record, body, type, encoding));
    body += serialBytes(type);
  }
  return values;
};
var valueOf = (bytes, at, type, encoding) => {
  if (type >= 12) {
    const end = at + serialBytes(type);
    return isText(type) ? decodeText(bytes, at, end, encoding) : Uint8Array.from(bytes.subarray(at, end));
  }
  if (type === 0) return null;
  if (type === 7) return bytes.readDoubleBE(at);
  if (type >= 8) return type === 9 ? 1 : 0;
  const size = serialBytes(type);
  return size < 8 ? bytes.readIntBE(at, size) : exactInteger(bytes.readBigInt64BE(at));
};
var exactInteger = (value) => value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

// src/profile/sqlite/shapes.ts
var CAPACITY = 4096;
var BUCKETS2 = 16384;
var createShapes = (positions) => {
  const slots = new Int32Array(Math.max(0, ...positions.map((position) => position + 1))).fill(-1);
  positions.forEach((position, slot) => {
    if (position >= 0) slots[position] = slot;
  });
  const prefixBytes = slots.length + 1;
  const wordCount = prefixBytes + 3 >> 2;
  const slotCount = positions.length;
  return {
    slotCount,
    types: new Int32Array((CAPACITY + 1) * slotCount),
    places: new Int32Array((CAPACITY + 1) * slotCount),
    extents: new Float64Array(CAPACITY + 1),
    slots,
    prefixBytes,
    words: new Int32Array((CAPACITY + 1) * wordCount),
    scratch: new Int32Array(wordCount),
    buckets: new Int32Array(BUCKETS2).fill(-1),
    count: 0,
    last: -1
  };
};
var isFull = (shapes) => shapes.count >= CAPACITY;
var clearShapes = (shapes) => {
  shapes.count = 0;
  shapes.last = -1;
  shapes.buckets.fill(-1);
};
var shapeAt = (shapes, bytes, view, at, end) => {
  const { scratch, words: words2, prefixBytes } = shapes;
  const wordCount = scratch.length;
  if (at + wordCount * 4 > end || (bytes[at] ?? 0) < prefixBytes) return walkedShape(shapes, bytes, at, end);
  let same = shapes.last >= 0;
  let high = 0;
  let hash = 0;
  const mask = tailMask(prefixBytes);
  const lastBase = shapes.last * wordCount;
  for (let i = 0; i < wordCount; i++) {
    const word = i === wordCount - 1 ? view.getInt32(at + 4 * i) & mask : view.getInt32(at + 4 * i);
    scratch[i] = word;
    high |= word;
    hash = Math.imul(hash ^ word, 2654435761);
    hash ^= hash >>> 15;
    if (same && words2[lastBase + i] !== word) same = false;
  }
  if (same) return shapes.last;
  if ((high & 2155905152) !== 0) return walkedShape(shapes, bytes, at, end);
  return rememberedShape(shapes, bytes, at, end, hash & BUCKETS2 - 1);
};
var tailMask = (prefixBytes) => {
  const bytes = prefixBytes % 4;
  return bytes === 0 ? -1 : -1 << 8 * (4 - bytes);
};
var rememberedShape = (shapes, bytes, at, end, hash) => {
  const { buckets, scratch, words: words2 } = shapes;
  let bucket = hash;
  for (; ; bucket = bucket + 1 & BUCKETS2 - 1) {
    const shape2 = buckets[bucket] ?? -1;
    if (shape2 < 0) break;
    let same = true;
    for (let i = 0; i < scratch.length && same; i++) same = words2[shape2 * scratch.length + i] === scratch[i];
    if (same) return shapes.last = shape2;
  }
  const shape = walkedShape(shapes, bytes, at, end);
  if (shape < 0) return shape;
  words2.set(scratch, shape * scratch.length);
  buckets[bucket] = shape;
  return shapes.last = shape;
};
var walkedShape = (shapes, bytes, at, end) => {
  const { slots, types, places, slotCount } = shapes;
  const shape = shapes.count;
  let headerBytes = bytes[at] ?? 0;
  let header = at + 1;
  if (headerBytes >= 128) headerBytes = (headerBytes & 127) << 7 | (bytes[header++] ?? 0) & 127;
  if (at + headerBytes > end) return -1;
  let place = headerBytes;
  for (let position = 0; position < slots.length; position++) {
    let type = 0;
    if (header < at + headerBytes) {
      let byte = 128;
      for (; byte >= 128; header++) {
        byte = bytes[header] ?? 0;
        type = type * 128 + (byte & 127);
      }
    }
    const slot = slots[position] ?? -1;
    if (slot >= 0) {
      types[shape * slotCount + slot] = type;
      places[shape * slotCount + slot] = place;
    }
    place += type < 12 ? SERIAL_BYTES[type] ?? 0 : Math.floor((type - 12) / 2);
  }
  shapes.extents[shape] = place;
  shapes.count = Math.min(CAPACITY, shape + 1);
  return shape;
};

// src/profile/sqlite/scan.ts
var RUN_BYTES = 1 << 18;
var GAP_PAGES = 8;
var BATCH_ROWS = 8192;
var TWO_32 = 2 ** 32;
var scanTable = (pager, layout, wants, sink) => {
  const capacity = Math.max(BATCH_ROWS, pager.header.pageSize >> 2);
  const positions = wants.map((want) => layout.position.get(want.column.toLowerCase()) ?? -1);
  const distinct = [...new Set(positions)];
  const slots = positions.map((position) => distinct.indexOf(position));
  const shapes = createShapes(distinct);
  const rows = {
    starts: new Int32Array(capacity),
    shapes: new Int32Array(capacity),
    rowids: new Float64Array(capacity)
  };
  const decoders = wants.map((want) => decoderFor(want, layout, pager.header.encoding));
  const columns = wants.map(() => new Float64Array(capacity));
  let filled = 0;
  const flush = (window) => {
    columns.forEach((column, want) => decoders[want]?.(window, shapes, rows, slots[want] ?? 0, filled, column));
    if (filled > 0) sink(columns, filled);
    filled = 0;
  };
  const onPage = (window, start, page) => {
    const cells = cellsOn(pager, window, start, page);
    if (filled + cells > capacity) flush(window);
    for (let cell = 0; cell < cells; cell++) {
      locateCell(pager, window, start, page, cell, shapes, rows, filled++);
      if (!isFull(shapes)) continue;
      flush(window);
      clearShapes(shapes);
    }
  };
  eachRun(pager, leafPages(pager, layout.root), onPage, flush);
};
var estimateRows = (pager, layout) => {
  const leaves = leafPages(pager, layout.root);
  const first = leaves[0];
  return first === void 0 ? 0 : leaves.length * pager.page(first).readUInt16BE(treeStart(first) + 3);
};
var eachRun = (pager, leaves, onPage, onRunEnd) => {
  const { pageSize } = pager.header;
  const perRun = Math.max(1, Math.floor(RUN_BYTES / pageSize));
  const bytes = Buffer.allocUnsafeSlow(perRun * pageSize + RUN_BYTES);
  const window = { bytes, view: viewOf(bytes), spare: 0 };
  for (let i = 0; i < leaves.length; ) {
    const first = leaves[i] ?? 0;
    let end = i + 1;
    while (end < leaves.length && isNear(leaves, end, first, perRun)) end++;
    const count = (leaves[end - 1] ?? first) - first + 1;
    pager.pagesInto(window.bytes, first, count);
    window.spare = perRun * pageSize;
    for (; i < end; i++) {
      const page = leaves[i] ?? 0;
      onPage(window, (page - first) * pageSize, page);
    }
    onRunEnd(window);
  }
};
var isNear = (leaves, index, first, perRun) => {
  const page = leaves[index] ?? 0;
  return page - first < perRun && page - (leaves[index - 1] ?? 0) <= GAP_PAGES;
};
var viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
var cellsOn = (pager, window, start, page) => {
  const head = start + treeStart(page);
  const cells = window.view.getUint16(head + 3);
  if (window.bytes[head] !== LEAF_TABLE_PAGE)
    throw damaged(pager.path, `page ${page}`, "no table leaf where one belongs");
  if (head - start + 8 + 2 * cells > pager.header.usableSize)
    throw damaged(pager.path, `page ${page}`, "too many cells");
  return cells;
};
var locateCell = (pager, window, start, page, cell, shapes, rows, row) => {
  const { bytes, view } = window;
  const usable = pager.header.usableSize;
  let at = start + view.getUint16(start + treeStart(page) + 8 + 2 * cell);
  if (at - start < 8 || at - start + 4 > usable) throw damaged(pager.path, `page ${page}`, "cell outside its page");
  let length = 0;
  let byte = 128;
  for (let read = 0; byte >= 128 && read < 9; read++) {
    byte = bytes[at++] ?? 0;
    length = length * 128 + (byte & 127);
  }
  let rowid = 0;
  byte = 128;
  for (let read = 0; byte >= 128 && read < 9; read++) {
    byte = bytes[at++] ?? 0;
    rowid = read === 8 ? rowid * 256 + byte : rowid * 128 + (byte & 127);
  }
  const local = length <= usable - 35 ? length : localPayload(length, usable);
  if (at - start + local > usable) throw damaged(pager.path, `page ${page}`, "payload outside its page");
  rows.rowids[row] = rowid;
  rows.starts[row] = at;
  let shape = shapeAt(shapes, bytes, view, at, at + local);
  if (shape < 0 || (shapes.extents[shape] ?? 0) > local) {
    if (local === length) throw damaged(pager.path, `page ${page}`, "a record is longer than its payload");
    const whole = spill(pager, window, at, local, length);
    rows.starts[row] = whole;
    shape = shapeAt(shapes, window.bytes, window.view, whole, whole + length);
    if (shape < 0 || (shapes.extents[shape] ?? 0) > length) {
      throw damaged(pager.path, `page ${page}`, "a record is longer than its payload");
    }
  }
  rows.shapes[row] = shape;
};
var spill = (pager, window, at, local, length) => {
  const target = window.spare;
  const limit = pager.pageCount * pager.header.pageSize;
  if (length > limit) throw damaged(pager.path, "overflow", "a payload is longer than the file");
  if (target + length > window.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(Math.ceil((target + length) * 1.5));
    window.bytes.copy(larger);
    window.bytes = larger;
    window.view = viewOf(larger);
  }
  window.bytes.copy(window.bytes, target, at, at + local);
  readOverflow(pager, window.bytes.readUInt32BE(at + local), window.bytes, target + local, target + length);
  window.spare = target + length;
  return target;
};
var decoderFor = (want, layout, encoding) => {
  const position = layout.position.get(want.column.toLowerCase());
  if (position === void 0) return (_window, _shapes, _rows, _slot, count, out) => void out.fill(NaN, 0, count);
  if (position === layout.rowid) return copyRowids;
  switch (want.kind) {
    case "number":
      return numberDecoder(want.origin ?? 0n);
    case "high40":
      return decodeHigh40;
    case "low24":
      return decodeLow24;
    case "text":
      return textDecoder(want.intern, encoding);
  }
};
var copyRowids = (_window, _shapes, rows, _slot, count, out) => {
  for (let row = 0; row < count; row++) out[row] = rows.rowids[row] ?? NaN;
};
var numberDecoder = (origin) => {
  const originLow = Number(BigInt.asUintN(32, origin));
  const originHigh = Number(BigInt.asIntN(64, origin) >> 32n);
  const whole = originHigh * TWO_32 + originLow;
  return ({ view }, { types, places, slotCount }, { starts, shapes }, slot, count, out) => {
    for (let row = 0; row < count; row++) {
      const field2 = (shapes[row] ?? 0) * slotCount + slot;
      const at = (starts[row] ?? 0) + (places[field2] ?? 0);
      const type = types[field2] ?? 0;
      if (type === 5) {
        out[row] = (view.getInt16(at) - originHigh) * TWO_32 + (view.getUint32(at + 2) - originLow);
      } else if (type === 6) {
        out[row] = (view.getInt32(at) - originHigh) * TWO_32 + (view.getUint32(at + 4) - originLow);
      } else if (type === 1) {
        out[row] = view.getInt8(at) - whole;
      } else {
        out[row] = smallNumber(view, at, type) - whole;
      }
    }
  };
};
var smallNumber = (view, at, type) => {
  switch (type) {
    case 1:
      return view.getInt8(at);
    case 2:
      return view.getInt16(at);
    case 3:
      return view.getInt16(at) << 8 | view.getUint8(at + 2);
    case 4:
      return view.getInt32(at);
    case 7:
      return view.getFloat64(at);
    case 8:
      return 0;
    case 9:
      return 1;
    default:
      return NaN;
  }
};
var decodeHigh40 = (window, shapes, rows, slot, count, out) => {
  const { view } = window;
  for (let row = 0; row < count; row++) {
    const field2 = (rows.shapes[row] ?? 0) * shapes.slotCount + slot;
    const at = (rows.starts[row] ?? 0) + (shapes.places[field2] ?? 0);
    const type = shapes.types[field2] ?? 0;
    if (type === 6) out[row] = view.getInt32(at) * 256 + view.getUint8(at + 4);
    else if (type === 5) out[row] = view.getInt16(at) * 256 + view.getUint8(at + 2);
    else out[row] = Math.floor(smallNumber(view, at, type) / 2 ** 24);
  }
};
var decodeLow24 = (window, shapes, rows, slot, count, out) => {
  const { view } = window;
  for (let row = 0; row < count; row++) {
    const field2 = (rows.shapes[row] ?? 0) * shapes.slotCount + slot;
    const at = (rows.starts[row] ?? 0) + (shapes.places[field2] ?? 0);
    const type = shapes.types[field2] ?? 0;
    if (type >= 4 && type <= 6) out[row] = view.getUint32(at + (SERIAL_BYTES[type] ?? 4) - 4) & 16777215;
    else {
      const value = smallNumber(view, at, type);
      out[row] = Number.isNaN(value) ? NaN : value & 16777215;
    }
  }
};
var textDecoder = (intern, encoding) => (window, shapes, rows, slot, count, out) => {
  for (let row = 0; row < count; row++) {
    const field2 = (rows.shapes[row] ?? 0) * shapes.slotCount + slot;
    const at = (rows.starts[row] ?? 0) + (shapes.places[field2] ?? 0);
    const type = shapes.types[field2] ?? 0;
    out[row] = isText(type) ? intern(decodeText(window.bytes, at, at + serialBytes(type), encoding)) : NaN;
  }
};

// src/profile/sqlite/wasm-database.ts
import { constants, copyFileSync, existsSync as existsSync2, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join as join2, resolve } from "node:path";

// src/profile/sqlite/table-source.ts
var wantedValue = (want, value) => {
  if (want.kind === "text") return typeof value === "string" ? want.intern(value) : NaN;
  if (typeof value !== "number" && typeof value !== "bigint") return NaN;
  if (typeof value === "number" && !Number.isInteger(value)) return want.kind === "number" ? value : NaN;
  const whole = BigInt(value);
  if (want.kind === "number") return Number(whole - (want.origin ?? 0n));
  return want.kind === "high40" ? Number(whole >> 24n) : Number(BigInt.asUintN(24, whole));
};

// src/profile/sqlite/wasm-database.ts
var BATCH_ROWS2 = 4096;
var loadSqlite = () => {
  const load = createRequire(import.meta.url);
  return load("node-sqlite3-wasm");
};
var openWithSqlite = (path, reason) => {
  const folder = mkdtempSync(join2(tmpdir(), "profile-sqlite-"));
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  try {
    const connection = new (loadSqlite()).Database(privateCopy(path, folder));
    return overConnection(path, reason, connection, dispose);
  } catch (error) {
    dispose();
    throw asFault(path, error);
  }
};
var privateCopy = (path, folder) => {
  const target = join2(folder, "profile.sqlite");
  const sidecars = ["-wal", "-journal"].filter((suffix) => existsSync2(path + suffix));
  if (sidecars.length === 0) symlinkSync(resolve(path), target);
  else for (const suffix of ["", ...sidecars]) copyFileSync(path + suffix, target + suffix, constants.COPYFILE_FICLONE);
  return target;
};
var asFault = (path, error) => error instanceof Error && error.name === "SQLite3Error" ? damaged(path, "file", error.message) : toError(error);
var toError = (error) => error instanceof Error ? error : new Error(String(error));
var quoted = (name) => `"${name.replaceAll('"', '""')}"`;
var overConnection = (path, reason, connection, dispose) => {
  const guarded2 = (work) => {
    try {
      return work();
    } catch (error) {
      throw asFault(path, error);
    }
  };
  connection.exec("PRAGMA locking_mode = EXCLUSIVE");
  const tables = guarded2(() => tablesOf(connection));
  return {
    path,
    reader: { kind: "sqlite", reason },
    tables,
    scan: (table, wants, sink) => guarded2(() => scanWithSql(connection, table, wants, sink)),
    rows: (table) => guarded2(() => selectAll(connection, `SELECT * FROM ${quoted(table.name)}`)),
    first: (table, column) => guarded2(() => firstValue(connection, table, column)),
    estimate: (table) => guarded2(() => countRows(connection, table)),
    close: () => {
      connection.close();
      dispose();
    }
  };
};
var selectAll = (connection, sql) => connection.all(sql).map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
var plain = (value) => typeof value === "number" || typeof value === "bigint" || typeof value === "string" || value instanceof Uint8Array ? value : null;
var tablesOf = (connection) => {
  const names = selectAll(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'").map(
    (row) => `${row["name"]}`
  );
  return new Map(
    names.map((name) => {
      const columns = selectAll(connection, `PRAGMA table_info(${quoted(name)})`).map((row) => `${row["name"]}`);
      return [name.toLowerCase(), { name, columns }];
    })
  );
};
var firstValue = (connection, table, column) => {
  const name = table.columns.find((candidate) => candidate.toLowerCase() === column.toLowerCase());
  if (name === void 0) return null;
  const [row] = selectAll(connection, `SELECT ${quoted(name)} AS v FROM ${quoted(table.name)} LIMIT 1`);
  return row?.["v"] ?? null;
};
var countRows = (connection, table) => {
  const [row] = selectAll(connection, `SELECT count(*) AS n FROM ${quoted(table.name)}`);
  return Number(row?.["n"] ?? 0);
};
var scanWithSql = (connection, table, wants, sink) => {
  const declared = new Map(table.columns.map((name) => [name.toLowerCase(), name]));
  const picks = wants.map((want, index) => {
    const name = declared.get(want.column.toLowerCase());
    return `${name === void 0 ? "NULL" : quoted(name)} AS c${index}`;
  });
  const statement = connection.prepare(`SELECT ${picks.join(", ")} FROM ${quoted(table.name)}`);
  try {
    const columns = wants.map(() => new Float64Array(BATCH_ROWS2));
    let rows = 0;
    for (const row of statement.iterate()) {
      wants.forEach((want, index) => {
        const column = columns[index];
        if (column !== void 0) column[rows] = wantedValue(want, plain(row[`c${index}`]));
      });
      if (++rows === BATCH_ROWS2) {
        sink(columns, rows);
        rows = 0;
      }
    }
    if (rows > 0) sink(columns, rows);
  } finally {
    statement.finalize();
  }
};

// src/profile/sqlite/database.ts
var openDatabase = (path) => {
  const pager = openPager(path);
  const besides = sidecarReason(pager, path);
  if (besides !== null) return handOver(pager, besides);
  try {
    const tables = guarded(pager, () => schemaTables(pager));
    const odd = [...tables.values()].find((table) => !table.declared.plain || table.declared.columns.some(addedLater));
    if (odd !== void 0) return handOver(pager, `table ${odd.name} has a layout of its own`);
    return overPages(pager, tables);
  } catch (error) {
    pager.close();
    throw error;
  }
};
var handOver = (pager, reason) => {
  pager.close();
  return openWithSqlite(pager.path, reason);
};
var addedLater = (column) => column.hasDefault;
var sidecarReason = (pager, path) => {
  if (pager.header.walMode && sizeOf(`${path}-wal`) > 0) return "a write-ahead log lies beside the file";
  const journal = `${path}-journal`;
  return sizeOf(journal) > 0 && firstByte(journal) !== 0 ? "a hot rollback journal lies beside the file" : null;
};
var sizeOf = (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
var firstByte = (path) => {
  const descriptor = openSync2(path, "r");
  try {
    const byte = Buffer.alloc(1);
    readSync2(descriptor, byte, 0, 1, 0);
    return byte[0] ?? 0;
  } finally {
    closeSync2(descriptor);
  }
};
var SCHEMA_ROOT = 1;
var schemaTables = (pager) => {
  const tables = /* @__PURE__ */ new Map();
  for (const { values } of rowsOf(pager, SCHEMA_ROOT)) {
    const [type, name, , root, sql] = values;
    if (type !== "table" || typeof name !== "string" || typeof sql !== "string" || !sql.startsWith("CREATE T"))
      continue;
    if (typeof root !== "number" || root < 2) continue;
    const declared = parseCreateTable(sql);
    const columns = declared.columns.map((column) => column.name);
    tables.set(name.toLowerCase(), { name, columns, declared, layout: layoutOf(declared, root) });
  }
  return tables;
};
var layoutOf = (declared, root) => {
  const rowid = declared.columns.findIndex((column) => column.rowid);
  const position = new Map(declared.columns.map((column, index) => [column.name.toLowerCase(), index]));
  return { root, position, rowid: rowid < 0 ? null : rowid };
};
var overPages = (pager, tables) => {
  const stored = (table) => {
    const found = tables.get(table.name.toLowerCase());
    if (found === void 0) throw inputFault("table_absent", `no table ${table.name}`, { path: pager.path });
    return found;
  };
  return {
    path: pager.path,
    reader: { kind: "pages" },
    tables,
    scan: (table, wants, sink) => guarded(pager, () => scanTable(pager, stored(table).layout, wants, sink)),
    rows: (table) => guarded(pager, () => namedRows(pager, stored(table))),
    first: (table, column) => guarded(pager, () => firstValue2(pager, stored(table), column)),
    estimate: (table) => guarded(pager, () => estimateRows(pager, stored(table).layout)),
    close: pager.close
  };
};
var guarded = (pager, work) => {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw damaged(pager.path, "record", error.message);
    throw error;
  }
};
var firstValue2 = (pager, table, column) => {
  const position = table.layout.position.get(column.toLowerCase());
  for (const row of rowsOf(pager, table.layout.root)) {
    return position === table.layout.rowid ? row.rowid : row.values[position ?? -1] ?? null;
  }
  return null;
};
var namedRows = (pager, table) => [...rowsOf(pager, table.layout.root)].map((row) => named(table, row));
var named = (table, row) => Object.fromEntries(
  table.columns.map((name, index) => [name, index === table.layout.rowid ? row.rowid : row.values[index] ?? null])
);

// src/profile/timeline.ts
var COMPUTE = 0;
var COMMUNICATION = 1;
var COPY = 2;
var createSweep = () => {
  const ranks = [];
  const sweepOf = (rank) => ranks[rank] ??= newRankSweep();
  return {
    add: (rank, kind, start, end) => addInterval(ranks[rank] ?? sweepOf(rank), kind, start, end),
    finish: (exposedLaunchNs) => ranks.flatMap((sweep, rank) => sweep === void 0 ? [] : [timelineOf(sweep, rank, exposedLaunchNs(rank))])
  };
};
var newRankSweep = () => ({
  computeEnd: -Infinity,
  communicationEnd: -Infinity,
  kernelEnd: -Infinity,
  anyEnd: -Infinity,
  compute: 0,
  communication: 0,
  overlap: 0,
  kernel: 0,
  any: 0,
  firstKernel: Infinity,
  firstAny: Infinity,
  lastStart: -Infinity
});
var addInterval = (sweep, kind, start, end) => {
  if (start < sweep.lastStart) return false;
  sweep.lastStart = start;
  if (start < sweep.firstAny) sweep.firstAny = start;
  if (end > sweep.anyEnd) {
    sweep.any += end - Math.max(start, sweep.anyEnd);
    sweep.anyEnd = end;
  }
  if (kind === COPY) return true;
  if (start < sweep.firstKernel) sweep.firstKernel = start;
  if (end > sweep.kernelEnd) {
    sweep.kernel += end - Math.max(start, sweep.kernelEnd);
    sweep.kernelEnd = end;
  }
  if (kind === COMPUTE) {
    if (end > sweep.computeEnd) {
      const from = Math.max(start, sweep.computeEnd);
      sweep.compute += end - from;
      sweep.overlap += Math.max(0, Math.min(end, sweep.communicationEnd) - from);
      sweep.computeEnd = end;
    }
  } else if (end > sweep.communicationEnd) {
    const from = Math.max(start, sweep.communicationEnd);
    sweep.communication += end - from;
    sweep.overlap += Math.max(0, Math.min(end, sweep.computeEnd) - from);
    sweep.communicationEnd = end;
  }
  return true;
};
var timelineOf = (sweep, rank, exposedLaunchNs) => {
  const hasKernels = sweep.kernelEnd > -Infinity;
  const kernelSpanNs = hasKernels ? sweep.kernelEnd - sweep.firstKernel : 0;
  const spanNs = sweep.anyEnd - sweep.firstAny;
  return {
    rank,
    kernelSpanNs,
    kernelBusyNs: sweep.kernel,
    kernelIdleNs: kernelSpanNs - sweep.kernel,
    computeOnlyNs: sweep.compute - sweep.overlap,
    communicationOnlyNs: sweep.communication - sweep.overlap,
    overlapNs: sweep.overlap,
    firstKernelNs: hasKernels ? sweep.firstKernel : 0,
    lastKernelNs: hasKernels ? sweep.kernelEnd : 0,
    spanNs,
    busyNs: sweep.any,
    idleNs: spanNs - sweep.any,
    exposedLaunchNs
  };
};

// src/profile/nsys/tables.ts
var CUPTI = "CUPTI_ACTIVITY_KIND_";
var NSYS_TABLES = {
  kernel: `${CUPTI}KERNEL`,
  runtime: `${CUPTI}RUNTIME`,
  memcpy: `${CUPTI}MEMCPY`,
  memset: `${CUPTI}MEMSET`,
  synchronization: `${CUPTI}SYNCHRONIZATION`,
  graphTrace: `${CUPTI}GRAPH_TRACE`,
  nvtx: "NVTX_EVENTS",
  strings: "StringIds"
};
var findTable = (database, name) => {
  const exact = database.tables.get(name.toLowerCase());
  if (exact !== void 0) return exact;
  const prefix = `${name.toLowerCase()}_v`;
  const versions = [...database.tables.keys()].filter((key) => key.startsWith(prefix));
  const versionOf = (key) => /^\d+$/.test(key.slice(prefix.length)) ? Number(key.slice(prefix.length)) : -1;
  const best = versions.sort((a, b) => versionOf(b) - versionOf(a) || a.localeCompare(b))[0];
  return best === void 0 ? null : database.tables.get(best) ?? null;
};
var rowsIfAny = (database, name) => {
  const table = findTable(database, name);
  return table === null ? [] : database.rows(table);
};
var hasColumn = (table, column) => table.columns.some((name) => name.toLowerCase() === column.toLowerCase());
var demandColumns = (database, table, columns) => {
  const missing = columns.filter((column) => !hasColumn(table, column));
  if (missing.length === 0) return;
  throw inputFault("column_absent", `table ${table.name} has no column ${missing.join(", ")}`, {
    path: database.path,
    fix: "Export the report again with a current nsys (nsys export --type sqlite)."
  });
};
var field = (row, name) => {
  if (name in row) return row[name] ?? null;
  const key = Object.keys(row).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === void 0 ? null : row[key] ?? null;
};
var textField = (row, name) => {
  const value = field(row, name);
  return typeof value === "string" && value !== "" ? value : null;
};
var numberField = (row, name) => {
  const value = field(row, name);
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : null;
};
var bigintField = (row, name) => {
  const value = field(row, name);
  if (typeof value === "bigint") return value;
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : null;
};

// src/profile/nsys/clock.ts
var EXACT = 2 ** 52;
var captureClock = (database, identity, window) => {
  const first = firstStart(database);
  const origin = first !== null && Math.abs(Number(first)) > EXACT ? first : 0n;
  if (window === null) return { origin, from: -Infinity, to: Infinity };
  const zero = Number((identity.window?.start ?? first ?? 0n) - origin);
  return { origin, from: zero + window.startS * 1e9, to: zero + window.endS * 1e9 };
};
var firstStart = (database) => {
  for (const name of [NSYS_TABLES.kernel, NSYS_TABLES.runtime, NSYS_TABLES.nvtx]) {
    const table = findTable(database, name);
    const value = table === null ? null : database.first(table, "start");
    if (typeof value === "bigint" || typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  }
  return null;
};
var demandWindowHit = (path, window, zeroNs, from, to) => {
  const seconds = (ns) => ((ns - zeroNs) / 1e9).toFixed(3);
  throw inputFault(
    "window_outside_capture",
    `no kernel starts between ${window.startS} s and ${window.endS} s of the capture`,
    { path, fix: `Kernels run from ${seconds(from)} s to ${seconds(to)} s: choose a window in there.` }
  );
};

// src/profile/nsys/identity.ts
import { createHash } from "node:crypto";
var PID_MASK = 2 ** 24;
var pidOf = (high40) => Number.isNaN(high40) ? null : high40 % PID_MASK;
var createRankTable = (describe) => {
  const ranks = [];
  const processes = [];
  const devices = [];
  let last = -1;
  const find = (high40, device) => {
    for (let i = 0; i < ranks.length; i++) if (Object.is(processes[i], high40) && devices[i] === device) return i;
    processes.push(high40);
    devices.push(device);
    return ranks.push(describe(pidOf(high40), device)) - 1;
  };
  const indexOf = (high40, device) => {
    if (last >= 0 && processes[last] === high40 && devices[last] === device) return last;
    return last = find(high40, device);
  };
  return { indexOf, ranks, processes };
};
var rankDescriber = (database) => {
  const gpus = rowsIfAny(database, "TARGET_INFO_GPU");
  const cudaDevices = rowsIfAny(database, "TARGET_INFO_CUDA_DEVICE");
  const host = systemProperty(database, "Hostname");
  return (pid, device) => {
    const mapped = cudaDevices.find(
      (row) => numberField(row, "cudaId") === device && (pid === null || numberField(row, "pid") === pid)
    );
    const gpu = gpus.find((row) => isGpuOf(row, mapped, device));
    const gpuUuid = (mapped && textField(mapped, "uuid")) ?? (gpu && textField(gpu, "uuid")) ?? null;
    return { label: "", host, pid, device, gpuUuid, gpuName: gpu === void 0 ? null : textField(gpu, "name") };
  };
};
var isGpuOf = (gpu, mapped, device) => {
  const id = mapped === void 0 ? null : numberField(mapped, "gpuId");
  return id === null ? (numberField(gpu, "cuDevice") ?? numberField(gpu, "id")) === device : numberField(gpu, "id") === id;
};
var systemProperty = (database, name) => {
  const row = rowsIfAny(database, "TARGET_INFO_SYSTEM_ENV").find((candidate) => field(candidate, "name") === name);
  return row === void 0 ? null : textField(row, "value");
};
var readIdentity = (database) => {
  const exported = new Map(
    rowsIfAny(database, "META_DATA_EXPORT").map((row) => [field(row, "name"), textField(row, "value")])
  );
  const [session] = rowsIfAny(database, "TARGET_INFO_SESSION_START_TIME");
  const [details] = rowsIfAny(database, "ANALYSIS_DETAILS");
  const epoch = session === void 0 ? null : bigintField(session, "utcEpochNs");
  const clock = session === void 0 ? null : bigintField(session, "systemClockNs");
  const start = details === void 0 ? null : bigintField(details, "startTime");
  const stop = details === void 0 ? null : bigintField(details, "stopTime");
  return {
    product: exported.get("EXPORT_PRODUCT_VERSION") ?? null,
    schema: exported.get("EXPORT_SCHEMA_VERSION") ?? null,
    driver: systemProperty(database, "NvDriverVersion"),
    graphMode: graphModeOf(database),
    window: start === null || stop === null ? null : { start, stop },
    utcZero: epoch === null || clock === null ? null : epoch - clock,
    diagnostics: diagnosticsOf(database),
    fingerprint: createHash("sha256").update(`${epoch}|${clock}|${start}|${stop}`).digest("hex")
  };
};
var graphModeOf = (database) => {
  const option = rowsIfAny(database, "META_DATA_CAPTURE").find(
    (row) => field(row, "name") === "CUDA_GRAPH_TRACE_OPTIONS:MODE"
  );
  const mode = option === void 0 ? null : textField(option, "value")?.toLowerCase();
  if (mode === "graph" || mode === "node") return mode;
  return findTable(database, NSYS_TABLES.graphTrace) === null ? "unknown" : "graph";
};
var WORTH_SAYING = /drop|lost|incomplete|discard|not all|truncat|overflow|exceed/i;
var diagnosticsOf = (database) => [
  ...new Set(
    rowsIfAny(database, "DIAGNOSTIC_EVENT").map((row) => textField(row, "text") ?? "").filter((text) => WORTH_SAYING.test(text)).map((text) => `profiler: ${text.slice(0, 160)}`)
  )
];

// src/profile/nsys/device-work.ts
var NO_DEVICE = 2147483647;
var COPY_KINDS = {
  1: "Host-to-Device",
  2: "Device-to-Host",
  3: "Host-to-Array",
  4: "Array-to-Host",
  5: "Array-to-Array",
  6: "Array-to-Device",
  7: "Device-to-Array",
  8: "Device-to-Device",
  9: "Host-to-Host",
  10: "Peer-to-Peer",
  11: "Unified Host-to-Device",
  12: "Unified Device-to-Host",
  13: "Unified Device-to-Device"
};
var WAIT_TYPES = {
  1: "Event sync",
  2: "Stream wait sync",
  3: "Stream sync",
  4: "Context sync"
};
var readDeviceWork = (database, clock, ranks) => {
  const intervals = { rank: [], kind: [], start: [], end: [] };
  const sumsOf = (name, idColumn, kind) => {
    const sums = /* @__PURE__ */ new Map();
    eachOperation(database, name, idColumn, clock, ranks, (rank, start, end, bytes, id) => {
      intervals.rank.push(rank);
      intervals.kind.push(kind);
      intervals.start.push(start);
      intervals.end.push(end);
      addTo(sums, rank, id, bytes, end - start);
    });
    return sums;
  };
  const copies = [...sumsOf(NSYS_TABLES.memcpy, "copyKind", COPY).values()].map(({ id, ...sum }) => ({
    ...sum,
    kind: COPY_KINDS[id] ?? `copy kind ${id}`
  }));
  const sets = [...sumsOf(NSYS_TABLES.memset, "", COPY).values()].map(({ rank, count, bytes, totalNs }) => ({
    rank,
    count,
    bytes,
    totalNs
  }));
  const graphs = [...sumsOf(NSYS_TABLES.graphTrace, "graphId", COMPUTE).values()].map((sum) => ({
    rank: sum.rank,
    graphId: sum.id,
    count: sum.count,
    totalNs: sum.totalNs
  }));
  return { copies, sets, graphs, intervals };
};
var addTo = (sums, rank, id, bytes, durationNs) => {
  const key = `${rank} ${id}`;
  const sum = sums.get(key) ?? { rank, id, count: 0, bytes: 0, totalNs: 0, maxNs: 0 };
  sum.count++;
  sum.bytes += bytes;
  sum.totalNs += durationNs;
  sum.maxNs = Math.max(sum.maxNs, durationNs);
  sums.set(key, sum);
};
var eachOperation = (database, name, idColumn, clock, ranks, seen) => {
  const table = findTable(database, name);
  if (table === null) return;
  const wants = [
    { column: "start", kind: "number", origin: clock.origin },
    { column: "end", kind: "number", origin: clock.origin },
    { column: "deviceId", kind: "number" },
    { column: "globalPid", kind: "high40" },
    { column: "bytes", kind: "number" },
    { column: idColumn, kind: "number" }
  ];
  database.scan(table, wants, ([starts, ends, devices, pids, bytes, ids], count) => {
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const end = ends?.[row] ?? NaN;
      const device = devices?.[row] ?? NaN;
      if (!(end > start) || !(start >= clock.from) || start >= clock.to || device === NO_DEVICE) continue;
      const rank = ranks.indexOf(pids?.[row] ?? NaN, device >= 0 ? device : 0);
      const size = bytes?.[row] ?? NaN;
      const id = ids?.[row] ?? NaN;
      seen(rank, start, end, size >= 0 ? size : 0, id >= 0 ? id : -1);
    }
  });
};
var readWaits = (database, clock) => {
  const table = findTable(database, NSYS_TABLES.synchronization);
  if (table === null) return [];
  const sums = /* @__PURE__ */ new Map();
  const wants = [
    { column: "start", kind: "number", origin: clock.origin },
    { column: "end", kind: "number", origin: clock.origin },
    { column: "globalPid", kind: "high40" },
    { column: "syncType", kind: "number" }
  ];
  database.scan(table, wants, ([starts, ends, pids, types], count) => {
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const duration = (ends?.[row] ?? NaN) - start;
      if (!(duration >= 0) || !(start >= clock.from) || start >= clock.to) continue;
      const pid = pidOf(pids?.[row] ?? NaN);
      const type = WAIT_TYPES[types?.[row] ?? 0] ?? "Other sync";
      const sum = sums.get(`${pid} ${type}`) ?? { pid, type, count: 0, totalNs: 0 };
      sums.set(`${pid} ${type}`, { ...sum, count: sum.count + 1, totalNs: sum.totalNs + duration });
    }
  });
  return [...sums.values()];
};

// src/profile/group-table.ts
var KEY = {
  kernel: 0,
  rank: 1,
  stepType: 2,
  registers: 3,
  grid: 4,
  block: 7,
  staticShared: 10,
  dynamicShared: 11,
  length: 12
};
var KEYS = KEY.length;
var CHUNK = 1 << 18;
var LONGEST = 4294967295;
var createGroupTable = () => {
  const key = new Int32Array(KEYS);
  const store = {
    keys: new Int32Array(256 * KEYS),
    counts: new Float64Array(256),
    slowest: new Float64Array(256),
    slowestStart: new Float64Array(256),
    buckets: new Int32Array(1024).fill(-1),
    size: 0,
    durations: [],
    groups: [],
    long: /* @__PURE__ */ new Map(),
    calls: 0
  };
  let durationChunk = new Uint32Array(0);
  let groupChunk = new Uint32Array(0);
  const add = (startNs, durationNs) => {
    const group = findGroup(store, key);
    const at = store.calls % CHUNK;
    if (at === 0) {
      store.durations.push(durationChunk = new Uint32Array(CHUNK));
      store.groups.push(groupChunk = new Uint32Array(CHUNK));
    }
    if (durationNs < LONGEST) durationChunk[at] = durationNs;
    else {
      durationChunk[at] = LONGEST;
      store.long.set(store.calls, durationNs);
    }
    groupChunk[at] = group;
    store.calls++;
    store.counts[group] = (store.counts[group] ?? 0) + 1;
    if (durationNs > (store.slowest[group] ?? 0)) {
      store.slowest[group] = durationNs;
      store.slowestStart[group] = startNs;
    }
    return group;
  };
  return { key, add, finish: () => finishTable(store) };
};
var hashOf = (key) => {
  let hash = 0;
  for (let i = 0; i < KEYS; i++) hash = Math.imul(hash ^ (key[i] ?? 0), 2246822507) ^ hash >>> 13;
  return hash ^ hash >>> 16;
};
var findGroup = (store, key) => {
  const mask = store.buckets.length - 1;
  let bucket = hashOf(key) & mask;
  for (; ; bucket = bucket + 1 & mask) {
    const group = store.buckets[bucket] ?? -1;
    if (group < 0) return newGroup(store, key, bucket);
    const base = group * KEYS;
    let i = 0;
    while (i < KEYS && store.keys[base + i] === key[i]) i++;
    if (i === KEYS) return group;
  }
};
var newGroup = (store, key, bucket) => {
  const group = store.size++;
  if (group === store.counts.length) growStore(store);
  store.keys.set(key, group * KEYS);
  store.buckets[bucket] = group;
  if (store.size * 2 > store.buckets.length) rehash(store);
  return group;
};
var growStore = (store) => {
  const capacity = store.counts.length * 2;
  const grown = (target, from) => {
    target.set(from);
    return target;
  };
  store.keys = grown(new Int32Array(capacity * KEYS), store.keys);
  store.counts = grown(new Float64Array(capacity), store.counts);
  store.slowest = grown(new Float64Array(capacity), store.slowest);
  store.slowestStart = grown(new Float64Array(capacity), store.slowestStart);
};
var rehash = (store) => {
  const buckets = new Int32Array(store.buckets.length * 2).fill(-1);
  const mask = buckets.length - 1;
  for (let group = 0; group < store.size; group++) {
    let bucket = hashOf(store.keys.subarray(group * KEYS, (group + 1) * KEYS)) & mask;
    while ((buckets[bucket] ?? -1) >= 0) bucket = bucket + 1 & mask;
    buckets[bucket] = group;
  }
  store.buckets = buckets;
};
var finishTable = (store) => {
  const durations = store.long.size > 0 ? new Float64Array(store.calls) : new Uint32Array(store.calls);
  const offsets = new Float64Array(store.size + 1);
  for (let group = 0; group < store.size; group++) {
    offsets[group + 1] = (offsets[group] ?? 0) + (store.counts[group] ?? 0);
  }
  scatter(store, offsets.slice(), durations);
  const configs = [];
  const configIndex = configIndexer(configs);
  const groups = Array.from({ length: store.size }, (_, group) => {
    const key = store.keys.subarray(group * KEYS, (group + 1) * KEYS);
    const offset = offsets[group] ?? 0;
    const calls = durations.subarray(offset, offsets[group + 1]);
    calls.sort();
    return {
      rank: key[KEY.rank] ?? 0,
      kernel: key[KEY.kernel] ?? 0,
      config: configIndex(key),
      stepType: key[KEY.stepType] ?? -1,
      ...momentsOf(calls),
      offset,
      given: null,
      slowestStartNs: store.slowestStart[group] ?? 0
    };
  });
  return { groups, configs, durations };
};
var scatter = (store, cursor, durations) => {
  let call = 0;
  for (let chunk = 0; chunk < store.durations.length; chunk++) {
    const [values, groups] = [store.durations[chunk], store.groups[chunk]];
    if (values === void 0 || groups === void 0) continue;
    const count = Math.min(CHUNK, store.calls - call);
    for (let i = 0; i < count; i++, call++) {
      const group = groups[i] ?? 0;
      const value = values[i] ?? 0;
      const at = cursor[group] ?? 0;
      durations[at] = value === LONGEST ? store.long.get(call) ?? value : value;
      cursor[group] = at + 1;
    }
    store.durations[chunk] = store.groups[chunk] = new Uint32Array(0);
  }
};
var momentsOf = (calls) => {
  let totalNs = 0;
  for (let i = 0; i < calls.length; i++) totalNs += calls[i] ?? 0;
  const mean = totalNs / calls.length;
  let squaresNs = 0;
  for (let i = 0; i < calls.length; i++) squaresNs += ((calls[i] ?? 0) - mean) ** 2;
  return { count: calls.length, totalNs, squaresNs };
};
var configIndexer = (configs) => {
  const known = /* @__PURE__ */ new Map();
  return (key) => {
    const values = key.subarray(KEY.registers);
    if (values.every((value) => value === -1)) return -1;
    const text = values.join();
    const found = known.get(text);
    if (found !== void 0) return found;
    known.set(text, configs.length);
    return configs.push(configOf(key)) - 1;
  };
};
var configOf = (key) => {
  const at = (index) => key[index] ?? -1;
  const orNull = (index) => at(index) < 0 ? null : at(index);
  return {
    grid: [at(KEY.grid), at(KEY.grid + 1), at(KEY.grid + 2)],
    block: [at(KEY.block), at(KEY.block + 1), at(KEY.block + 2)],
    registers: orNull(KEY.registers),
    staticSharedBytes: orNull(KEY.staticShared),
    dynamicSharedBytes: orNull(KEY.dynamicShared)
  };
};

// src/profile/nsys/kernel-scan.ts
var COLUMNS = [
  "registersPerThread",
  "gridX",
  "gridY",
  "gridZ",
  "blockX",
  "blockY",
  "blockZ",
  "staticSharedMemory",
  "dynamicSharedMemory"
];
var LAUNCH = COLUMNS.length;
var FIRST_LAUNCH = 7;
var createLaunchRows = () => {
  let rows = new Int32Array(0);
  return (columns, count) => {
    if (rows.length < count * LAUNCH) rows = new Int32Array(count * LAUNCH * 2);
    columns.forEach((column, position) => {
      for (let row = 0, at = position; row < count; row++, at += LAUNCH) {
        const value = column[row] ?? NaN;
        rows[at] = value >= 0 ? value : -1;
      }
    });
    return rows;
  };
};
var wantsOf = (clock, keepCalls) => [
  { column: "start", kind: "number", origin: clock.origin },
  { column: "end", kind: "number", origin: clock.origin },
  { column: "deviceId", kind: "number" },
  { column: "globalPid", kind: "high40" },
  { column: "streamId", kind: "number" },
  { column: "demangledName", kind: "number" },
  { column: "shortName", kind: "number" },
  ...COLUMNS.map((column) => ({ column, kind: "number" })),
  ...keepCalls ? [{ column: "correlationId", kind: "number" }] : []
];
var scanKernels = (input) => {
  const table = findTable(input.database, NSYS_TABLES.kernel);
  if (table === null) return null;
  demandColumns(input.database, table, ["start", "end", "shortName"]);
  const names = createKernelNames(input.strings, input.classify);
  const groups = createGroupTable();
  const streams = createStreams();
  const collectives = { rank: [], kernel: [], start: [], duration: [] };
  const calls = input.keepCalls ? { rank: [], start: [], end: [], correlation: [] } : null;
  const feed = createFeed(input.work);
  const launchesOf = createLaunchRows();
  const { clock, ranks, steps } = input;
  const { key } = groups;
  let [kept, dropped, from, to] = [0, 0, Infinity, -Infinity];
  input.database.scan(table, wantsOf(clock, input.keepCalls), (columns, count) => {
    const [starts, ends, devices, pids, streamIds, demangled, shorts] = columns;
    const launches = launchesOf(columns.slice(FIRST_LAUNCH, FIRST_LAUNCH + LAUNCH), count);
    const ids = columns[FIRST_LAUNCH + LAUNCH];
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const end = ends?.[row] ?? NaN;
      const device = devices?.[row] ?? NaN;
      if (!(end > start) || device === NO_DEVICE) {
        dropped++;
        continue;
      }
      if (start < from) from = start;
      if (end > to) to = end;
      if (!(start >= clock.from) || start >= clock.to) continue;
      kept++;
      const pid = pids?.[row] ?? NaN;
      const rank = ranks.indexOf(pid, device >= 0 ? device : 0);
      const kernel = names.indexOf(demangled?.[row] ?? NaN, shorts?.[row] ?? NaN);
      key[KEY.kernel] = kernel;
      key[KEY.rank] = rank;
      key[KEY.stepType] = steps === null ? -1 : stepTypeAt(steps.get(pid), start);
      for (let i = 0, at = row * LAUNCH; i < LAUNCH; i++, at++) key[KEY.registers + i] = launches[at] ?? -1;
      groups.add(start, end - start);
      streams.add(rank, streamIds?.[row] ?? NaN, start, end);
      const collective = names.isCollective(kernel);
      feed.kernel(rank, collective ? COMMUNICATION : COMPUTE, start, end);
      if (collective) {
        collectives.rank.push(rank);
        collectives.kernel.push(kernel);
        collectives.start.push(start);
        collectives.duration.push(end - start);
      }
      if (calls !== null) {
        calls.rank.push(rank);
        calls.start.push(start);
        calls.end.push(end);
        calls.correlation.push(ids?.[row] ?? NaN);
      }
    }
  });
  const sweep = feed.finish() ?? sweepUnordered(input, table, names);
  return {
    kernels: names.kernels,
    table: groups,
    streams: streams.spans(),
    collectives,
    calls,
    sweep,
    kept,
    dropped,
    from,
    to
  };
};
var stepTypeAt = (marks, time) => marks === void 0 ? -1 : marks.type[stepAt(marks.startNs, time)] ?? -1;
var createKernelNames = (strings, classify) => {
  const kernels = [];
  const byText = /* @__PURE__ */ new Map();
  const byId = /* @__PURE__ */ new Map();
  const collective = [];
  const register = (demangled, short) => {
    const shortName = strings(short);
    const name = strings(demangled) ?? shortName ?? "(unnamed kernel)";
    const known = byText.get(name);
    if (known !== void 0) return known;
    const classified = classify(name);
    byText.set(name, kernels.length);
    collective.push(classified.bucket === "collective");
    const isCollective = classified.bucket === "collective";
    return kernels.push({ name, shortName: shortName ?? name, ...classified, collective: isCollective }) - 1;
  };
  const indexOf = (demangled, short) => {
    const known = byId.get(demangled);
    if (known !== void 0) return known;
    const id = strings(demangled) === null ? -1 - short : demangled;
    const byShort = byId.get(id);
    if (byShort !== void 0) return byShort;
    const index = register(demangled, short);
    byId.set(id, index);
    return index;
  };
  return { kernels, indexOf, isCollective: (kernel) => collective[kernel] === true };
};
var createStreams = () => {
  const spans = /* @__PURE__ */ new Map();
  const latest = [];
  const add = (rank, streamId, start, end) => {
    const stream = streamId >= 0 ? streamId : 0;
    let span = latest[rank];
    if (span?.stream !== stream) {
      const key = rank * 2 ** 32 + stream;
      span = spans.get(key) ?? { rank, stream, kernels: 0, totalNs: 0, firstNs: start, lastNs: end };
      spans.set(key, span);
      latest[rank] = span;
    }
    span.kernels++;
    span.totalNs += end - start;
    if (start < span.firstNs) span.firstNs = start;
    if (end > span.lastNs) span.lastNs = end;
  };
  return { add, spans: () => [...spans.values()] };
};
var createFeed = (work) => {
  const sweep = createSweep();
  const queues = queuesByRank(work);
  let ordered = true;
  const drain = (rank, until) => {
    const queue = queues.get(rank);
    if (queue === void 0) return;
    for (; queue.next < queue.order.length; queue.next++) {
      const at = queue.order[queue.next] ?? 0;
      const start = work.start[at] ?? 0;
      if (start > until) return;
      ordered = sweep.add(rank, work.kind[at] ?? COMPUTE, start, work.end[at] ?? start) && ordered;
    }
  };
  const kernel = (rank, kind, start, end) => {
    if (!ordered) return;
    drain(rank, start);
    ordered = sweep.add(rank, kind, start, end) && ordered;
  };
  const finish = () => {
    if (ordered) for (const rank of queues.keys()) drain(rank, Infinity);
    return ordered ? sweep : null;
  };
  return { kernel, finish };
};
var queuesByRank = (work) => {
  const queues = /* @__PURE__ */ new Map();
  for (const at of ascendingOrder(Float64Array.from(work.start))) {
    const rank = work.rank[at] ?? 0;
    const queue = queues.get(rank);
    if (queue === void 0) queues.set(rank, { order: [at], next: 0 });
    else queue.order.push(at);
  }
  return queues;
};
var sweepUnordered = (input, table, names) => {
  const { clock, ranks } = input;
  const all = { rank: [], kind: [], start: [], end: [] };
  input.database.scan(table, wantsOf(clock, false).slice(0, 7), (columns, count) => {
    const [starts, ends, devices, pids, , demangled, shorts] = columns;
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const end = ends?.[row] ?? NaN;
      const device = devices?.[row] ?? NaN;
      if (!(end > start) || device === NO_DEVICE || !(start >= clock.from) || start >= clock.to) continue;
      const kernel = names.indexOf(demangled?.[row] ?? NaN, shorts?.[row] ?? NaN);
      all.rank.push(ranks.indexOf(pids?.[row] ?? NaN, device >= 0 ? device : 0));
      all.kind.push(names.isCollective(kernel) ? COMMUNICATION : COMPUTE);
      all.start.push(start);
      all.end.push(end);
    }
  });
  const feed = createFeed(input.work);
  for (const at of ascendingOrder(Float64Array.from(all.start))) {
    feed.kernel(all.rank[at] ?? 0, all.kind[at] ?? COMPUTE, all.start[at] ?? 0, all.end[at] ?? 0);
  }
  return feed.finish() ?? createSweep();
};

// src/profile/nsys/launches.ts
var readHostCalls = (database, clock, strings, kernels, processes, threads) => {
  const table = findTable(database, NSYS_TABLES.runtime);
  if (table === null) return { apis: [], launches: kernels.start.map(() => null) };
  const apis = /* @__PURE__ */ new Map();
  const calls = new Map(processes.map((process2) => [process2, /* @__PURE__ */ new Map()]));
  const wants = [
    { column: "start", kind: "number", origin: clock.origin },
    { column: "end", kind: "number", origin: clock.origin },
    { column: "correlationId", kind: "number" },
    { column: "nameId", kind: "number" },
    { column: "globalTid", kind: "high40" },
    { column: "globalTid", kind: "low24" }
  ];
  database.scan(table, wants, ([starts, ends, ids, names, highs, lows], count) => {
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const end = ends?.[row] ?? NaN;
      if (!(end >= start)) continue;
      const high = highs?.[row] ?? NaN;
      keepOutermost(calls.get(high), ids?.[row] ?? NaN, start, end, () => threads.indexOf(high, lows?.[row] ?? NaN));
      if (start >= clock.from && start < clock.to) addCall(apis, names?.[row] ?? NaN, end - start);
    }
  });
  const launches = kernels.start.map((start, kernel) => {
    const process2 = processes[kernels.rank[kernel] ?? 0] ?? NaN;
    const call = calls.get(process2)?.get(kernels.correlation[kernel] ?? NaN);
    const kernelNs = (kernels.end[kernel] ?? start) - start;
    return call === void 0 ? null : { thread: call.thread, startNs: call.start, endNs: call.end, kernelNs };
  });
  return {
    apis: [...apis].map(([name, sum]) => ({ name: strings(name) ?? `call ${name}`, ...sum })),
    launches
  };
};
var keepOutermost = (calls, id, start, end, thread) => {
  if (calls === void 0 || !(id >= 0)) return;
  const known = calls.get(id);
  if (known === void 0 || start < known.start) calls.set(id, { thread: thread(), start, end });
};
var addCall = (apis, name, durationNs) => {
  const sum = apis.get(name);
  if (sum === void 0) apis.set(name, { count: 1, totalNs: durationNs, maxNs: durationNs });
  else {
    sum.count++;
    sum.totalNs += durationNs;
    sum.maxNs = Math.max(sum.maxNs, durationNs);
  }
};
var exposedLaunch = (kernels, order, launches) => {
  const busyUntil = /* @__PURE__ */ new Map();
  const exposed = /* @__PURE__ */ new Map();
  for (const kernel of order) {
    const rank = kernels.rank[kernel] ?? 0;
    const start = kernels.start[kernel] ?? 0;
    const end = kernels.end[kernel] ?? 0;
    const until = busyUntil.get(rank);
    const launch = launches[kernel] ?? null;
    const gap = until === void 0 || launch === null ? 0 : Math.min(start, launch.endNs) - Math.max(until, launch.startNs);
    exposed.set(rank, (exposed.get(rank) ?? 0) + Math.max(0, gap));
    busyUntil.set(rank, Math.max(until ?? end, end));
  }
  return exposed;
};

// src/profile/range-names.ts
var RUNNING_FIELDS = /, (?:seq|op_id|sizes|input_op_ids|shapes|strides|dtypes|stream|handle) = [\s\S]*$/;
var TRAILING_NUMBER = /(?:[\s_#:.=@-]+\d+)+$/;
var rangeName = (text) => {
  const plain2 = text.replace(RUNNING_FIELDS, "").trim();
  return plain2.replace(TRAILING_NUMBER, "") || plain2;
};
var stepTypeName = (text) => rangeName(text).replace(/\d+/g, (digits) => Number(digits) === 0 ? "0" : "#");
var STEP_MARKERS = [
  /^ProfilerStep$/,
  /^(?:train(?:ing)?[_ ]?)?(?:iteration|iter|step)$/i,
  /^(?:engine|decode|model|forward|train(?:ing)?)[_ ]step$/i,
  /^execute_(?:context|new|model)/i,
  /^(?:step|forward)\[/i
];
var stepRank = (text, marker) => {
  const name = rangeName(text);
  if (marker !== null) return name === marker || text === marker || text.startsWith(marker) ? 0 : null;
  const rank = STEP_MARKERS.findIndex((pattern) => pattern.test(name));
  return rank < 0 ? null : rank;
};

// src/profile/nsys/threads.ts
var createThreadTable = () => {
  const byProcess = /* @__PURE__ */ new Map();
  let count = 0;
  return {
    indexOf: (high40, low24) => {
      const threads = byProcess.get(high40) ?? /* @__PURE__ */ new Map();
      byProcess.set(high40, threads);
      const known = threads.get(low24);
      if (known !== void 0) return known;
      threads.set(low24, count);
      return count++;
    }
  };
};

// src/profile/nsys/nvtx.ts
var RANGE_TYPES = /* @__PURE__ */ new Set([59, 60, 70, 71]);
var UNNESTED = /* @__PURE__ */ new Set([60, 71]);
var readNvtx = (database, clock, strings, stepMarker, threads = createThreadTable()) => {
  const labels = createLabels(stepMarker);
  const tracks = /* @__PURE__ */ new Map();
  const marks = [];
  const table = findTable(database, NSYS_TABLES.nvtx);
  const wants = [
    { column: "start", kind: "number", origin: clock.origin },
    { column: "end", kind: "number", origin: clock.origin },
    { column: "eventType", kind: "number" },
    { column: "text", kind: "text", intern: labels.intern },
    { column: "textId", kind: "number" },
    { column: "globalTid", kind: "high40" },
    { column: "globalTid", kind: "low24" },
    { column: "domainId", kind: "number" }
  ];
  if (table !== null) {
    database.scan(table, wants, ([starts, ends, types, texts, textIds, processes, lows, domains], count) => {
      for (let row = 0; row < count; row++) {
        const start = starts?.[row] ?? NaN;
        const end = ends?.[row] ?? NaN;
        const type = types?.[row] ?? NaN;
        if (!(end > start) || !RANGE_TYPES.has(type) || !(start >= clock.from) || start >= clock.to) continue;
        const inline = texts?.[row] ?? NaN;
        const label = labels.of(inline >= 0 ? inline : labels.intern(strings(textIds?.[row] ?? NaN) ?? "(no name)"));
        const process2 = processes?.[row] ?? NaN;
        const thread = threads.indexOf(process2, lows?.[row] ?? NaN);
        const domain = domains?.[row] ?? NaN;
        const track = trackOf(tracks, process2, thread, domain >= 0 ? domain : 0, UNNESTED.has(type));
        track.start.push(start);
        track.end.push(end);
        track.name.push(label.name);
        if (label.stepRank !== null) marks.push({ label, thread, process: process2, start, end });
      }
    });
  }
  const stepTypes = [];
  return {
    set: { names: labels.names, tracks: [...tracks.values()] },
    threads,
    steps: stepsOf(marks, stepTypes),
    stepTypes
  };
};
var createLabels = (stepMarker) => {
  const names = [];
  const nameIndex = /* @__PURE__ */ new Map();
  const labels = [];
  const labelIndex = /* @__PURE__ */ new Map();
  const intern = (text) => {
    const name = rangeName(text);
    const rank = stepRank(text, stepMarker);
    const stepType = rank === null ? "" : stepTypeName(text);
    const key = `${name}\0${stepType}`;
    const known = labelIndex.get(key);
    if (known !== void 0) return known;
    const index = nameIndex.get(name) ?? names.push(name) - 1;
    nameIndex.set(name, index);
    labelIndex.set(key, labels.length);
    return labels.push({ name: index, stepRank: rank, stepType }) - 1;
  };
  const none = { name: 0, stepRank: null, stepType: "" };
  return { names, intern, of: (index) => labels[index] ?? none };
};
var trackOf = (tracks, process2, thread, domain, unnested) => {
  const key = `${thread} ${domain} ${unnested}`;
  const known = tracks.get(key);
  if (known !== void 0) return known;
  const track = { process: process2, thread, domain, start: [], end: [], name: [] };
  tracks.set(key, track);
  return track;
};
var stepsOf = (marks, stepTypes) => {
  const groups = /* @__PURE__ */ new Map();
  for (const mark of marks) {
    const key = `${mark.process} ${mark.label.stepRank} ${mark.thread}`;
    const group = groups.get(key);
    if (group === void 0) groups.set(key, [mark]);
    else group.push(mark);
  }
  const byWorth = [...groups.values()].filter((group) => group.length >= 2).sort((a, b) => (b[0]?.label.stepRank ?? 0) - (a[0]?.label.stepRank ?? 0) || a.length - b.length);
  return new Map(byWorth.map((group) => [group[0]?.process ?? NaN, marksInOrder(group, stepTypes)]));
};
var marksInOrder = (group, stepTypes) => {
  const ordered = [...group].sort((a, b) => a.start - b.start);
  return {
    startNs: ordered.map((mark) => mark.start),
    endNs: ordered.map((mark) => mark.end),
    type: ordered.map((mark) => typeIndex(stepTypes, mark.label.stepType))
  };
};
var typeIndex = (types, type) => {
  const known = types.indexOf(type);
  return known >= 0 ? known : types.push(type) - 1;
};

// src/profile/nsys/strings.ts
var readStrings = (database) => {
  const table = findTable(database, NSYS_TABLES.strings);
  const texts = /* @__PURE__ */ new Map();
  if (table !== null) {
    const pool = [];
    const wants = [
      { column: "id", kind: "number" },
      { column: "value", kind: "text", intern: (text) => pool.push(text) - 1 }
    ];
    database.scan(table, wants, ([ids, values], count) => {
      for (let row = 0; row < count; row++) texts.set(ids?.[row] ?? NaN, pool[values?.[row] ?? -1] ?? "");
    });
  }
  return (id) => texts.get(id) ?? null;
};

// src/profile/nsys/read-sqlite.ts
var ATTRIBUTION_ROWS = 4e5;
var RANGE_ROWS = 2e6;
var readNsysSqlite = (path, options) => {
  const database = openDatabase(path);
  try {
    return readNsysDatabase(database, options);
  } finally {
    database.close();
  }
};
var readNsysDatabase = (database, options) => {
  demandNsys(database);
  return inRankOrder(readOpened(database, options, classifier(options.rules)));
};
var demandNsys = (database) => {
  const any = [...Object.values(NSYS_TABLES), "META_DATA_EXPORT"].some((name) => findTable(database, name) !== null);
  if (!any) {
    throw inputFault("not_an_nsys_export", `no table of an nsys export among ${database.tables.size} tables`, {
      path: database.path,
      fix: "Give a file made by nsys export --type sqlite."
    });
  }
  if (findTable(database, NSYS_TABLES.kernel) !== null && findTable(database, NSYS_TABLES.strings) === null) {
    throw inputFault("column_absent", "table StringIds is missing: kernel names cannot be read", {
      path: database.path,
      fix: "Export the report again with nsys export --type sqlite."
    });
  }
};
var estimated = (database, name) => {
  const table = findTable(database, name);
  return table === null ? 0 : database.estimate(table);
};
var readOpened = (database, options, classify) => {
  const identity = readIdentity(database);
  const clock = captureClock(database, identity, options.window);
  const strings = readStrings(database);
  const ranks = createRankTable(rankDescriber(database));
  const rows = estimated(database, NSYS_TABLES.kernel) + estimated(database, NSYS_TABLES.runtime);
  const rangeRows = estimated(database, NSYS_TABLES.nvtx);
  const attribute = options.attribute ?? rows + rangeRows <= ATTRIBUTION_ROWS;
  const readRanges = rangeRows <= RANGE_ROWS || options.stepMarker !== null || attribute;
  const host = readRanges ? readNvtx(database, clock, strings, options.stepMarker) : null;
  const work = readDeviceWork(database, clock, ranks);
  const steps = host !== null && host.stepTypes.length > 1 ? host.steps : null;
  const scan = scanKernels({
    database,
    clock,
    ranks,
    strings,
    classify,
    work: work.intervals,
    steps,
    keepCalls: attribute
  });
  if (options.window !== null && scan !== null && scan.kept === 0 && scan.from < Infinity) {
    demandWindowHit(database.path, options.window, clock.from - options.window.startS * 1e9, scan.from, scan.to);
  }
  const calls = host !== null && scan !== null && scan.calls !== null ? readHostCalls(database, clock, strings, scan.calls, ranks.processes, host.threads) : null;
  const left = leftOut(database, { attribute, readRanges, scan });
  const found = { database, identity, clock, ranks, host, work, scan, calls, left };
  return { ...assemble(found), waits: readWaits(database, clock) };
};
var leftOut = (database, did) => {
  const said = [];
  if (database.reader.kind === "sqlite") said.push(`read through SQLite: ${database.reader.reason}`);
  if (did.scan === null) said.push("the export has no kernel table: no kernel ran, or CUDA was not traced");
  else if (!did.attribute) said.push("large capture: launches were not attributed to kernels");
  if (!did.readRanges) said.push("large capture: NVTX ranges were not read; name a step marker to read them");
  if (did.scan !== null && did.scan.dropped > 0) {
    said.push(`${did.scan.dropped} kernel rows without a duration or a device were left out`);
  }
  return said;
};
var assemble = (found) => {
  const { scan, work, host, calls } = found;
  const table = (scan?.table ?? createGroupTable()).finish();
  const sweep = scan?.sweep ?? createSweep();
  const exposed = scan !== null && scan.calls !== null && calls !== null ? exposedLaunch(scan.calls, ascendingOrder(Float64Array.from(scan.calls.start)), calls.launches) : null;
  return {
    format: "nsys-sqlite",
    sources: [found.database.path],
    ranks: found.ranks.ranks,
    kernels: scan?.kernels ?? [],
    stepTypes: host?.stepTypes ?? [],
    ...table,
    copies: work.copies,
    sets: work.sets,
    graphs: work.graphs,
    apis: calls?.apis ?? [],
    ranges: rangesOf(host, calls),
    streams: scan?.streams ?? [],
    timelines: sweep.finish((rank) => exposed === null ? null : exposed.get(rank) ?? 0),
    collectives: collectiveCalls(scan),
    steps: stepsOf2(found),
    facts: factsOf(found, table)
  };
};
var rangesOf = (host, calls) => {
  if (host === null) return [];
  const launches = calls === null ? null : calls.launches.filter((launch) => launch !== null);
  return sumRanges(host.set, launches);
};
var collectiveCalls = (scan) => {
  const { rank, kernel, start, duration } = scan?.collectives ?? { rank: [], kernel: [], start: [], duration: [] };
  const order = ascendingOrder(Float64Array.from(start));
  return {
    rank: Uint16Array.from(order, (at) => rank[at] ?? 0),
    kernel: Uint32Array.from(order, (at) => kernel[at] ?? 0),
    startNs: Float64Array.from(order, (at) => start[at] ?? 0),
    durationNs: Float64Array.from(order, (at) => duration[at] ?? 0)
  };
};
var stepsOf2 = ({ host, ranks }) => ranks.processes.flatMap((process2, rank) => {
  const marks = host?.steps.get(process2);
  if (marks === void 0) return [];
  return marks.startNs.map((startNs, i) => ({
    rank,
    type: marks.type[i] ?? 0,
    startNs,
    endNs: marks.startNs[i + 1] ?? marks.endNs[i] ?? startNs
  }));
});
var factsOf = (found, table) => {
  const { identity, clock, calls, scan } = found;
  const launched = calls?.launches.filter((launch) => launch !== null).length ?? 0;
  return {
    product: identity.product,
    schema: identity.schema,
    driver: identity.driver,
    graphMode: identity.graphMode,
    originNs: clock.origin.toString(),
    utcAnchorNs: identity.utcZero === null ? null : (identity.utcZero + clock.origin).toString(),
    fileBytes: statSync2(found.database.path).size,
    droppedRows: scan?.dropped ?? 0,
    launches: calls === null ? null : { found: launched, missing: calls.launches.length - launched },
    contentId: contentIdOf(identity, scan, table),
    hasCalls: true,
    hasTimeline: true,
    warnings: [...found.left, ...identity.diagnostics]
  };
};
var contentIdOf = (identity, scan, table) => {
  const hash = createHash2("sha256").update(`${identity.fingerprint}|${scan?.from}|${scan?.to}|${scan?.kept}`);
  for (const group of table.groups) {
    hash.update(`|${scan?.kernels[group.kernel]?.name} ${group.count} ${group.totalNs} ${group.slowestStartNs}`);
  }
  return hash.digest("hex");
};

// src/profile/distribution.ts
var distributionOf = (counted) => {
  const groups = counted.map(({ group }) => group);
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const totalNs = groups.reduce((sum, group) => sum + group.totalNs, 0);
  if (count === 0) return { count, totalNs, meanNs: null, medianNs: null, p95Ns: null, stdNs: null };
  const meanNs = totalNs / count;
  const known = groups.every((group) => group.offset >= 0);
  const given = groups.length === 1 ? groups[0]?.given : null;
  const slices = known ? counted.map(({ calls }) => calls) : [];
  return {
    count,
    totalNs,
    meanNs,
    medianNs: known ? quantileOfUnion(slices, 0.5) : given?.medianNs ?? null,
    p95Ns: known ? quantileOfUnion(slices, 0.95) : given?.p95Ns ?? null,
    stdNs: standardDeviation(groups, count, meanNs)
  };
};
var standardDeviation = (groups, count, mean) => {
  if (count < 2 || groups.some((group) => group.squaresNs === null)) return null;
  const squares = groups.reduce(
    (sum, group) => sum + (group.squaresNs ?? 0) + group.count * (group.totalNs / group.count - mean) ** 2,
    0
  );
  return Math.sqrt(squares / (count - 1));
};
var quantileOfUnion = (slices, p) => {
  const count = slices.reduce((sum, slice) => sum + slice.length, 0);
  const place = (count - 1) * p;
  const low = orderStatistic(slices, Math.floor(place));
  const part = place - Math.floor(place);
  return part === 0 ? low : low + part * (orderStatistic(slices, Math.floor(place) + 1) - low);
};
var orderStatistic = (slices, k) => {
  const [only] = slices;
  if (only !== void 0 && slices.length === 1) return only[k] ?? NaN;
  let low = Infinity;
  let high = -Infinity;
  for (const slice of slices) {
    low = Math.min(low, slice[0] ?? Infinity);
    high = Math.max(high, slice.at(-1) ?? -Infinity);
  }
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const upTo = slices.reduce((sum, slice) => sum + countUpTo(slice, middle), 0);
    if (upTo > k) high = middle;
    else low = middle + 1;
  }
  return low;
};
var countUpTo = (sorted, value) => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = low + high >>> 1;
    if ((sorted[middle] ?? Infinity) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};

// ../../tmp/t2.ts
var rules = await loadBucketRules();
for (const f of process.argv.slice(2)) {
  const t0 = performance.now();
  const s = readNsysSqlite(f, { rules, window: null, stepMarker: null, attribute: null });
  console.log(f, (performance.now() - t0).toFixed(0) + " ms", s.groups.length, s.kernels.length, s.durations.length, s.ranks, s.facts, s.timelines, s.copies.slice(0, 5), s.sets, s.graphs, s.waits.slice(0, 4), s.apis.length, s.ranges.length, s.steps.length, s.stepTypes, s.collectives.rank.length, process.memoryUsage().rss / 1e6, process.cpuUsage().user / 1e3);
  console.log(distributionOf(s, s.groups));
  const by = /* @__PURE__ */ new Map();
  let tot = 0;
  for (const g of s.groups) {
    const k = s.kernels[g.kernel];
    by.set(k.bucket, (by.get(k.bucket) ?? 0) + g.totalNs);
    tot += g.totalNs;
  }
  console.log([...by].map(([k, v]) => k + " " + (100 * v / tot).toFixed(2)).join(", "));
  console.log(s.kernels.filter((k) => k.bucket === "other").map((k) => k.name.slice(0, 200)));
}
