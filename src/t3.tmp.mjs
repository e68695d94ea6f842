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
  const { LineCounter, parseDocument } = await import("yaml");
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, uniqueKeys: true, prettyErrors: false });
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
  const plain2 = name.replace(/\((anonymous namespace|anonymous_namespace)\)/g, "anonymous").replace(/<unnamed>/g, "unnamed");
  const end = plain2.search(/[<(]/);
  const signature = end < 0 ? plain2 : plain2.slice(0, end);
  return signature.trim().split(/\s+/).at(-1) ?? "";
};
var classifier = (rules2) => {
  const either = (patterns) => patterns.length === 0 ? null : new RegExp(patterns.map((pattern) => `(?:${pattern})`).join("|"), "i");
  const compiled = rules2.rules.map((rule) => ({ ...rule, head: either(rule.head), name: either(rule.name) }));
  const known2 = /* @__PURE__ */ new Map();
  const classify = (name) => {
    const head = kernelHead(name);
    const rule = compiled.find((entry) => entry.head?.test(head) === true || entry.name?.test(name) === true);
    const bucket = rule?.bucket ?? "other";
    if (/^triton_/i.test(head)) return { bucket, category: rules2.category_of_triton };
    return { bucket, category: rule?.category ?? "Other" };
  };
  return (name) => {
    const found = known2.get(name) ?? classify(name);
    known2.set(name, found);
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
      const middle2 = bounds[run + 1] ?? start;
      const end = bounds[run + 2] ?? middle2;
      mergeRuns(keys, order, spare, start, middle2, end);
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
var mergeRuns = (keys, from, to, start, middle2, end) => {
  let left = start;
  let right = middle2;
  for (let out = start; out < end; out++) {
    const a2 = from[left] ?? 0;
    const b2 = from[right] ?? 0;
    const takeLeft = left < middle2 && (right >= end || (keys[a2] ?? 0) <= (keys[b2] ?? 0));
    to[out] = takeLeft ? a2 : b2;
    if (takeLeft) left++;
    else right++;
  }
};

// src/profile/rank-order.ts
var inRankOrder = (side2) => {
  const order = side2.ranks.map((_, index) => index).sort((a2, b2) => compareRanks(side2.ranks[a2], side2.ranks[b2]) || a2 - b2);
  const place = new Map(order.map((old, index) => [old, index]));
  const moved = (items) => items.map((item) => ({ ...item, rank: place.get(item.rank) ?? item.rank }));
  const ranks = order.flatMap((old) => side2.ranks[old] ?? []);
  return {
    ...side2,
    ranks: ranks.map((rank, index) => rank.label === "" ? { ...rank, label: `rank ${index}` } : rank),
    groups: moved(side2.groups),
    copies: moved(side2.copies),
    sets: moved(side2.sets),
    graphs: moved(side2.graphs),
    streams: moved(side2.streams),
    timelines: moved(side2.timelines).sort((a2, b2) => a2.rank - b2.rank),
    collectives: movedCollectives(side2.collectives, place),
    steps: moved(side2.steps)
  };
};
var compareRanks = (a2, b2) => (a2?.label ?? "").localeCompare(b2?.label ?? "", "en", { numeric: true }) || (a2?.host ?? "").localeCompare(b2?.host ?? "") || (a2?.device ?? 0) - (b2?.device ?? 0) || (a2?.pid ?? 0) - (b2?.pid ?? 0);
var movedCollectives = (calls, place) => ({
  ...calls,
  rank: calls.rank.map((rank) => place.get(rank) ?? rank)
});

// src/profile/ranges.ts
var sumRanges = (set, launches) => {
  const sums = /* @__PURE__ */ new Map();
  const sumOf2 = (domain, name) => {
    const byName = sums.get(domain) ?? /* @__PURE__ */ new Map();
    sums.set(domain, byName);
    const sum = byName.get(name) ?? newSum();
    byName.set(name, sum);
    return sum;
  };
  const launchesOf = byThread(launches ?? []);
  for (const track of set.tracks) {
    const nested = nestedOrder(track);
    addHostTime(track, nested, (name) => sumOf2(track.domain, name));
    addKernelTime(track, nested, launchesOf.get(track.thread) ?? [], (name) => sumOf2(track.domain, name));
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
  for (const group of groups.values()) group.sort((a2, b2) => a2.startNs - b2.startNs);
  return groups;
};
var nestedOrder = (track) => {
  const order = Array.from(ascendingOrder(Float64Array.from(track.start)));
  return order.sort(
    (a2, b2) => (track.start[a2] ?? 0) - (track.start[b2] ?? 0) || (track.end[b2] ?? 0) - (track.end[a2] ?? 0)
  );
};
var addHostTime = (track, order, sumOf2) => {
  const open = [];
  for (const range of order) {
    const start = track.start[range] ?? 0;
    const duration = (track.end[range] ?? 0) - start;
    closeBefore(track, open, start);
    const parent = open.at(-1);
    if (parent !== void 0) sumOf2(track.name[parent] ?? 0).selfNs -= duration;
    const sum = sumOf2(track.name[range] ?? 0);
    sum.count++;
    sum.totalNs += duration;
    sum.selfNs += duration;
    open.push(range);
  }
};
var closeBefore = (track, open, time) => {
  while (open.length > 0 && (track.end[open.at(-1) ?? 0] ?? 0) <= time) open.pop();
};
var addKernelTime = (track, order, launches, sumOf2) => {
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
      const sum = sumOf2(name);
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
    const middle2 = low + high >>> 1;
    if ((starts[middle2] ?? Infinity) <= time) low = middle2 + 1;
    else high = middle2;
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
  } catch (cause2) {
    throw inputFault("profile_unreadable", `cannot read the profile: ${systemCode(cause2) ?? "unknown error"}`, {
      path,
      cause: cause2,
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
  const pagesInto = (target, first, count2) => {
    if (first < 1 || first + count2 - 1 > pageCount) throw damaged(path, `page ${first}`, "page outside the file");
    const bytes = count2 * header.pageSize;
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
    const count2 = (leaves[end - 1] ?? first) - first + 1;
    pager.pagesInto(window.bytes, first, count2);
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
  if (position === void 0) return (_window, _shapes, _rows, _slot, count2, out) => void out.fill(NaN, 0, count2);
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
var copyRowids = (_window, _shapes, rows, _slot, count2, out) => {
  for (let row = 0; row < count2; row++) out[row] = rows.rowids[row] ?? NaN;
};
var numberDecoder = (origin) => {
  const originLow = Number(BigInt.asUintN(32, origin));
  const originHigh = Number(BigInt.asIntN(64, origin) >> 32n);
  const whole = originHigh * TWO_32 + originLow;
  return ({ view }, { types, places, slotCount }, { starts, shapes }, slot, count2, out) => {
    for (let row = 0; row < count2; row++) {
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
var decodeHigh40 = (window, shapes, rows, slot, count2, out) => {
  const { view } = window;
  for (let row = 0; row < count2; row++) {
    const field2 = (rows.shapes[row] ?? 0) * shapes.slotCount + slot;
    const at = (rows.starts[row] ?? 0) + (shapes.places[field2] ?? 0);
    const type = shapes.types[field2] ?? 0;
    if (type === 6) out[row] = view.getInt32(at) * 256 + view.getUint8(at + 4);
    else if (type === 5) out[row] = view.getInt16(at) * 256 + view.getUint8(at + 2);
    else out[row] = Math.floor(smallNumber(view, at, type) / 2 ** 24);
  }
};
var decodeLow24 = (window, shapes, rows, slot, count2, out) => {
  const { view } = window;
  for (let row = 0; row < count2; row++) {
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
var textDecoder = (intern, encoding) => (window, shapes, rows, slot, count2, out) => {
  for (let row = 0; row < count2; row++) {
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
  const tables3 = guarded2(() => tablesOf(connection));
  return {
    path,
    reader: { kind: "sqlite", reason },
    tables: tables3,
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
        if (column !== void 0) column[rows] = wanted(want, plain(row[`c${index}`]));
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
var wanted = (want, value) => {
  if (want.kind === "text") return typeof value === "string" ? want.intern(value) : NaN;
  if (typeof value === "number" && !Number.isInteger(value)) return want.kind === "number" ? value : NaN;
  if (typeof value !== "number" && typeof value !== "bigint") return NaN;
  const whole = BigInt(value);
  if (want.kind === "number") return Number(whole - (want.origin ?? 0n));
  if (want.kind === "high40") return Number(whole >> 24n);
  return Number(BigInt.asUintN(24, whole));
};

// src/profile/sqlite/database.ts
var openDatabase = (path) => {
  const pager = openPager(path);
  const besides = sidecarReason(pager, path);
  if (besides !== null) return handOver(pager, besides);
  try {
    const tables3 = guarded(pager, () => schemaTables(pager));
    const odd = [...tables3.values()].find((table) => !table.declared.plain || table.declared.columns.some(addedLater));
    if (odd !== void 0) return handOver(pager, `table ${odd.name} has a layout of its own`);
    return overPages(pager, tables3);
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
  const tables3 = /* @__PURE__ */ new Map();
  for (const { values } of rowsOf(pager, SCHEMA_ROOT)) {
    const [type, name, , root, sql] = values;
    if (type !== "table" || typeof name !== "string" || typeof sql !== "string" || !sql.startsWith("CREATE T"))
      continue;
    if (typeof root !== "number" || root < 2) continue;
    const declared = parseCreateTable(sql);
    const columns = declared.columns.map((column) => column.name);
    tables3.set(name.toLowerCase(), { name, columns, declared, layout: layoutOf(declared, root) });
  }
  return tables3;
};
var layoutOf = (declared, root) => {
  const rowid = declared.columns.findIndex((column) => column.rowid);
  const position = new Map(declared.columns.map((column, index) => [column.name.toLowerCase(), index]));
  return { root, position, rowid: rowid < 0 ? null : rowid };
};
var overPages = (pager, tables3) => {
  const stored = (table) => {
    const found = tables3.get(table.name.toLowerCase());
    if (found === void 0) throw inputFault("table_absent", `no table ${table.name}`, { path: pager.path });
    return found;
  };
  return {
    path: pager.path,
    reader: { kind: "pages" },
    tables: tables3,
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
  const best = versions.sort((a2, b2) => versionOf(b2) - versionOf(a2) || a2.localeCompare(b2))[0];
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
  const seconds = (ns2) => ((ns2 - zeroNs) / 1e9).toFixed(3);
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
var createRankTable = (describe2) => {
  const ranks = [];
  const processes = [];
  const devices = [];
  let last = -1;
  const find = (high40, device) => {
    for (let i = 0; i < ranks.length; i++) if (Object.is(processes[i], high40) && devices[i] === device) return i;
    processes.push(high40);
    devices.push(device);
    return ranks.push(describe2(pidOf(high40), device)) - 1;
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
  const sets = [...sumsOf(NSYS_TABLES.memset, "", COPY).values()].map(({ rank, count: count2, bytes, totalNs }) => ({
    rank,
    count: count2,
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
  database.scan(table, wants, ([starts, ends, devices, pids, bytes, ids], count2) => {
    for (let row = 0; row < count2; row++) {
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
  database.scan(table, wants, ([starts, ends, pids, types], count2) => {
    for (let row = 0; row < count2; row++) {
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
  const add2 = (startNs, durationNs) => {
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
  return { key, add: add2, finish: () => finishTable(store) };
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
    const count2 = Math.min(CHUNK, store.calls - call);
    for (let i = 0; i < count2; i++, call++) {
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
  const mean2 = totalNs / calls.length;
  let squaresNs = 0;
  for (let i = 0; i < calls.length; i++) squaresNs += ((calls[i] ?? 0) - mean2) ** 2;
  return { count: calls.length, totalNs, squaresNs };
};
var configIndexer = (configs) => {
  const known2 = /* @__PURE__ */ new Map();
  return (key) => {
    const values = key.subarray(KEY.registers);
    if (values.every((value) => value === -1)) return -1;
    const text = values.join();
    const found = known2.get(text);
    if (found !== void 0) return found;
    known2.set(text, configs.length);
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
  return (columns, count2) => {
    if (rows.length < count2 * LAUNCH) rows = new Int32Array(count2 * LAUNCH * 2);
    columns.forEach((column, position) => {
      for (let row = 0, at = position; row < count2; row++, at += LAUNCH) {
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
  input.database.scan(table, wantsOf(clock, input.keepCalls), (columns, count2) => {
    const [starts, ends, devices, pids, streamIds, demangled, shorts] = columns;
    const launches = launchesOf(columns.slice(FIRST_LAUNCH, FIRST_LAUNCH + LAUNCH), count2);
    const ids = columns[FIRST_LAUNCH + LAUNCH];
    for (let row = 0; row < count2; row++) {
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
    const known2 = byText.get(name);
    if (known2 !== void 0) return known2;
    const classified = classify(name);
    byText.set(name, kernels.length);
    collective.push(classified.bucket === "collective");
    const isCollective = classified.bucket === "collective";
    return kernels.push({ name, shortName: shortName ?? name, ...classified, collective: isCollective }) - 1;
  };
  const indexOf = (demangled, short) => {
    const known2 = byId.get(demangled);
    if (known2 !== void 0) return known2;
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
  const add2 = (rank, streamId, start, end) => {
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
  return { add: add2, spans: () => [...spans.values()] };
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
  input.database.scan(table, wantsOf(clock, false).slice(0, 7), (columns, count2) => {
    const [starts, ends, devices, pids, , demangled, shorts] = columns;
    for (let row = 0; row < count2; row++) {
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
  database.scan(table, wants, ([starts, ends, ids, names, highs, lows], count2) => {
    for (let row = 0; row < count2; row++) {
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
  const known2 = calls.get(id);
  if (known2 === void 0 || start < known2.start) calls.set(id, { thread: thread(), start, end });
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
  let count2 = 0;
  return {
    indexOf: (high40, low24) => {
      const threads = byProcess.get(high40) ?? /* @__PURE__ */ new Map();
      byProcess.set(high40, threads);
      const known2 = threads.get(low24);
      if (known2 !== void 0) return known2;
      threads.set(low24, count2);
      return count2++;
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
    database.scan(table, wants, ([starts, ends, types, texts, textIds, processes, lows, domains], count2) => {
      for (let row = 0; row < count2; row++) {
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
    const known2 = labelIndex.get(key);
    if (known2 !== void 0) return known2;
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
  const known2 = tracks.get(key);
  if (known2 !== void 0) return known2;
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
  const byWorth = [...groups.values()].filter((group) => group.length >= 2).sort((a2, b2) => (b2[0]?.label.stepRank ?? 0) - (a2[0]?.label.stepRank ?? 0) || a2.length - b2.length);
  return new Map(byWorth.map((group) => [group[0]?.process ?? NaN, marksInOrder(group, stepTypes)]));
};
var marksInOrder = (group, stepTypes) => {
  const ordered = [...group].sort((a2, b2) => a2.start - b2.start);
  return {
    startNs: ordered.map((mark) => mark.start),
    endNs: ordered.map((mark) => mark.end),
    type: ordered.map((mark) => typeIndex(stepTypes, mark.label.stepType))
  };
};
var typeIndex = (types, type) => {
  const known2 = types.indexOf(type);
  return known2 >= 0 ? known2 : types.push(type) - 1;
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
    database.scan(table, wants, ([ids, values], count2) => {
      for (let row = 0; row < count2; row++) texts.set(ids?.[row] ?? NaN, pool[values?.[row] ?? -1] ?? "");
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
    demandNsys(database);
    return inRankOrder(readOpened(database, options, classifier(options.rules)));
  } finally {
    database.close();
  }
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
  const exposed = scan?.calls != null && calls !== null ? exposedLaunch(scan.calls, ascendingOrder(Float64Array.from(scan.calls.start)), calls.launches) : null;
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
var callsOf = (side2, group) => group.offset < 0 ? new Uint32Array(0) : side2.durations.subarray(group.offset, group.offset + group.count);
var distributionOf = (counted) => {
  const groups = counted.map(({ group }) => group);
  const count2 = groups.reduce((sum, group) => sum + group.count, 0);
  const totalNs = groups.reduce((sum, group) => sum + group.totalNs, 0);
  if (count2 === 0) return { count: count2, totalNs, meanNs: null, medianNs: null, p95Ns: null, stdNs: null };
  const meanNs = totalNs / count2;
  const known2 = groups.every((group) => group.offset >= 0);
  const given = groups.length === 1 ? groups[0]?.given : null;
  const slices = known2 ? counted.map(({ calls }) => calls) : [];
  return {
    count: count2,
    totalNs,
    meanNs,
    medianNs: known2 ? quantileOfUnion(slices, 0.5) : given?.medianNs ?? null,
    p95Ns: known2 ? quantileOfUnion(slices, 0.95) : given?.p95Ns ?? null,
    stdNs: standardDeviation(groups, count2, meanNs)
  };
};
var standardDeviation = (groups, count2, mean2) => {
  if (count2 < 2 || groups.some((group) => group.squaresNs === null)) return null;
  const squares2 = groups.reduce(
    (sum, group) => sum + (group.squaresNs ?? 0) + group.count * (group.totalNs / group.count - mean2) ** 2,
    0
  );
  return Math.sqrt(squares2 / (count2 - 1));
};
var quantileOfUnion = (slices, p) => {
  const count2 = slices.reduce((sum, slice) => sum + slice.length, 0);
  const place = (count2 - 1) * p;
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
    const middle2 = low + Math.floor((high - low) / 2);
    const upTo = slices.reduce((sum, slice) => sum + countUpTo(slice, middle2), 0);
    if (upTo > k) high = middle2;
    else low = middle2 + 1;
  }
  return low;
};
var countUpTo = (sorted, value) => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle2 = low + high >>> 1;
    if ((sorted[middle2] ?? Infinity) <= value) low = middle2 + 1;
    else high = middle2;
  }
  return low;
};

// src/profile/diff-cells.ts
var cellsOf = (captures) => {
  const all = captures.flatMap(
    (capture, index) => capture.groups.flatMap((group) => cellOf(capture, index, group) ?? [])
  );
  const byKernel = /* @__PURE__ */ new Map();
  for (const cell of all) {
    const cells = byKernel.get(cell.kernel.name);
    if (cells === void 0) byKernel.set(cell.kernel.name, [cell]);
    else cells.push(cell);
  }
  return { all, byKernel };
};
var cellOf = (capture, index, group) => {
  const kernel = capture.kernels[group.kernel];
  if (kernel === void 0) return null;
  const config = capture.configs[group.config] ?? null;
  const stepType = capture.stepTypes[group.stepType] ?? "";
  return {
    capture: index,
    rank: capture.ranks[group.rank]?.label ?? "",
    kernel,
    config,
    group,
    calls: callsOf(capture, group),
    stratum: `${configText(config)} ${stepType}`
  };
};
var configText = (config) => config === null ? "unknown" : `${config.grid.join("x")} ${config.block.join("x")} ${config.registers} ${config.staticSharedBytes} ${config.dynamicSharedBytes}`;
var sumOf = (cells) => ({
  count: cells.reduce((sum, cell) => sum + cell.group.count, 0),
  totalNs: cells.reduce((sum, cell) => sum + cell.group.totalNs, 0)
});
var cellsBy = (cells, key) => {
  const gathered = /* @__PURE__ */ new Map();
  for (const cell of cells) {
    const group = gathered.get(key(cell));
    if (group === void 0) gathered.set(key(cell), [cell]);
    else group.push(cell);
  }
  return gathered;
};

// src/profile/clock-factor.ts
var NEAR = Math.log(1.015);
var LEAST = Math.log(1.01);
var MOST_AGREE = 0.6;
var clockFactor = (baseline, candidate) => {
  const ratios = [];
  for (const [name, cells] of baseline.byKernel) {
    const others = candidate.byKernel.get(name);
    if (others === void 0 || cells[0]?.kernel.collective === true) continue;
    const otherStrata = cellsBy(others, stratumOf);
    for (const [stratum, own] of cellsBy(cells, stratumOf)) {
      const [before, after] = [typical(own), typical(otherStrata.get(stratum) ?? [])];
      if (before === null || after === null) continue;
      ratios.push({ log: Math.log(after / before), weight: own.reduce((sum, cell) => sum + cell.group.totalNs, 0) });
    }
  }
  const total = ratios.reduce((sum, { weight }) => sum + weight, 0);
  if (ratios.length < 3 || total === 0) return { factor: 1, agreement: 0, applied: false };
  const middle2 = weightedMedian(ratios, total);
  const near = ratios.filter(({ log }) => Math.abs(log - middle2) <= NEAR).reduce((sum, { weight }) => sum + weight, 0);
  const applied = Math.abs(middle2) >= LEAST && near / total >= MOST_AGREE;
  return { factor: Math.exp(middle2), agreement: near / total, applied };
};
var stratumOf = (cell) => `${cell.rank} ${cell.stratum}`;
var typical = (cells) => {
  const slices = cells.map((cell) => cell.calls).filter((calls) => calls.length > 0);
  if (slices.length > 0) return quantileOfUnion(slices, 0.5) || null;
  const count2 = cells.reduce((sum, cell) => sum + cell.group.count, 0);
  return count2 === 0 ? null : cells.reduce((sum, cell) => sum + cell.group.totalNs, 0) / count2;
};
var weightedMedian = (ratios, total) => {
  ratios.sort((a2, b2) => a2.log - b2.log);
  let seen = 0;
  for (const { log, weight } of ratios) {
    seen += weight;
    if (seen * 2 >= total) return log;
  }
  return 0;
};

// src/profile/collectives.ts
var emptyCollective = () => ({
  sets: 0,
  matchedCalls: 0,
  unmatchedCalls: 0,
  transferNs: 0,
  waitingNs: 0,
  waitedByRank: /* @__PURE__ */ new Map(),
  causedByRank: /* @__PURE__ */ new Map()
});
var matchCollectives = (captures) => {
  const matched = /* @__PURE__ */ new Map();
  for (const capture of captures) {
    const open = /* @__PURE__ */ new Map();
    const close = (kernel2, calls) => {
      const name = capture.kernels[kernel2]?.name ?? "";
      const sum = matched.get(name) ?? emptyCollective();
      matched.set(name, sum);
      addSet(sum, calls, (rank2) => capture.ranks[rank2]?.label ?? "");
    };
    const { rank, kernel, startNs, durationNs } = capture.collectives;
    for (let i = 0; i < startNs.length; i++) {
      const start = startNs[i] ?? 0;
      const call = { rank: rank[i] ?? 0, start, end: start + (durationNs[i] ?? 0) };
      const at = kernel[i] ?? 0;
      const calls = open.get(at);
      if (calls !== void 0 && belongs(call, calls)) calls.push(call);
      else {
        if (calls !== void 0) close(at, calls);
        open.set(at, [call]);
      }
    }
    for (const [at, calls] of open) close(at, calls);
  }
  return matched;
};
var belongs = (call, calls) => calls.every((other) => other.rank !== call.rank && call.start < other.end);
var addSet = (sum, calls, label) => {
  if (calls.length < 2) {
    sum.unmatchedCalls += calls.length;
    return;
  }
  const shortest = Math.min(...calls.map((call) => call.end - call.start));
  const last = calls.reduce((late, call) => call.start > late.start ? call : late);
  sum.sets++;
  sum.matchedCalls += calls.length;
  sum.transferNs += shortest * calls.length;
  for (const call of calls) {
    const waited = call.end - call.start - shortest;
    sum.waitingNs += waited;
    add(sum.waitedByRank, label(call.rank), waited);
    if (call !== last) add(sum.causedByRank, label(last.rank), waited);
  }
};
var add = (sums, key, value) => {
  sums.set(key, (sums.get(key) ?? 0) + value);
};

// src/profile/diff-collectives.ts
var ENOUGH_MATCHED = 0.8;
var SHARE_OF_GROWTH = 0.25;
var SHARE_MOVED = 0.15;
var diffCollectives = (rows, baseline, candidate) => rows.filter((row) => row.collective).map(
  (row) => collectiveRow(
    row,
    baseline.get(row.baseline_name ?? row.name) ?? emptyCollective(),
    candidate.get(row.name) ?? emptyCollective()
  )
);
var collectiveRow = (row, before, after) => {
  const known2 = isMatched(before) && isMatched(after);
  const perCall2 = (side2, ns2) => isMatched(side2) ? ns2 / side2.matchedCalls : null;
  const transfer = { baseline: perCall2(before, before.transferNs), candidate: perCall2(after, after.transferNs) };
  const waiting = { baseline: perCall2(before, before.waitingNs), candidate: perCall2(after, after.waitingNs) };
  return {
    kernel: row.name,
    baseline: sideOf(before),
    candidate: sideOf(after),
    transfer_per_call_ns: transfer,
    waiting_per_call_ns: waiting,
    grew: known2 ? whatGrew(transfer, waiting) : "cannot_tell",
    late_rank: { baseline: lateRank(before), candidate: lateRank(after) },
    moved: movedBetween(row)
  };
};
var isMatched = (side2) => side2.matchedCalls > 0 && side2.matchedCalls >= ENOUGH_MATCHED * (side2.matchedCalls + side2.unmatchedCalls);
var whatGrew = (transfer, waiting) => {
  const grown = (pair) => (pair.candidate ?? 0) - (pair.baseline ?? 0);
  const total = (transfer.baseline ?? 0) + (waiting.baseline ?? 0);
  const sum = Math.max(0, grown(transfer)) + Math.max(0, grown(waiting));
  const counts = (pair) => grown(pair) >= SHARE_OF_GROWTH * sum && grown(pair) >= 0.02 * total && grown(pair) > 0;
  if (counts(transfer)) return counts(waiting) ? "both" : "transfer";
  return counts(waiting) ? "waiting" : "neither";
};
var lateRank = (side2) => {
  const [first] = [...side2.causedByRank].sort((a2, b2) => b2[1] - a2[1] || a2[0].localeCompare(b2[0]));
  return first !== void 0 && first[1] > 0.5 * side2.waitingNs ? first[0] : null;
};
var movedBetween = (row) => {
  const change = row.ranks.map((rank) => ({ rank: rank.rank, ns: rank.delta_ns }));
  const least = change.reduce((low, next) => next.ns < low.ns ? next : low, { rank: "", ns: 0 });
  const most = change.reduce((high, next) => next.ns > high.ns ? next : high, { rank: "", ns: 0 });
  const limit = SHARE_MOVED * row.baseline.total_ns;
  return -least.ns >= limit && most.ns >= limit ? { from: least.rank, to: most.rank } : null;
};
var sideOf = (side2) => ({
  sets: side2.sets,
  matched_calls: side2.matchedCalls,
  unmatched_calls: side2.unmatchedCalls,
  transfer_ns: side2.transferNs,
  waiting_ns: side2.waitingNs,
  waited_by_rank_ns: Object.fromEntries([...side2.waitedByRank].sort(byKey)),
  caused_by_rank_ns: Object.fromEntries([...side2.causedByRank].sort(byKey))
});
var byKey = (a2, b2) => a2[0].localeCompare(b2[0]);

// src/profile/diff-comparable.ts
var MINOR_SHARE = 0.01;
var comparability = (baseline, candidate, labels) => {
  const refusals = [
    ...emptySides(baseline, candidate, labels),
    ...rankRefusals(baseline, candidate, labels),
    ...graphRefusals(baseline, candidate),
    ...kindRefusals(baseline, candidate)
  ];
  return {
    refusals,
    warnings: [
      ...factWarnings(baseline, candidate),
      ...ownWarnings(baseline, labels.baseline),
      ...ownWarnings(candidate, labels.candidate)
    ],
    sameCapture: baseline.some((side2) => candidate.some((other) => other.facts.contentId === side2.facts.contentId))
  };
};
var hasWork = (captures) => captures.some((capture) => capture.groups.length > 0 || capture.graphs.length > 0);
var emptySides = (baseline, candidate, labels) => {
  const empty = [hasWork(baseline) ? null : labels.baseline, hasWork(candidate) ? null : labels.candidate];
  const named2 = empty.filter((label) => label !== null);
  return named2.length === 0 ? [] : [`no GPU kernels were recorded in ${named2.join(" and ")}`];
};
var rankTotals = (captures) => {
  const totals = /* @__PURE__ */ new Map();
  for (const capture of captures) {
    for (const group of capture.groups) {
      const label = capture.ranks[group.rank]?.label ?? "";
      totals.set(label, (totals.get(label) ?? 0) + group.totalNs);
    }
  }
  return totals;
};
var rankRefusals = (baseline, candidate, labels) => {
  if (!hasWork(baseline) || !hasWork(candidate)) return [];
  const [before, after] = [rankTotals(baseline), rankTotals(candidate)];
  const missing = (own, other) => {
    const total = [...own.values()].reduce((sum, ns2) => sum + ns2, 0);
    return [...own].filter(([rank, ns2]) => !other.has(rank) && ns2 >= MINOR_SHARE * total).map(([rank]) => rank);
  };
  const gone = missing(before, after);
  const added = missing(after, before);
  return [
    ...gone.length > 0 ? [`the GPU count differs: ${gone.join(", ")} only in ${labels.baseline}`] : [],
    ...added.length > 0 ? [`the GPU count differs: ${added.join(", ")} only in ${labels.candidate}`] : []
  ];
};
var graphRefusals = (baseline, candidate) => {
  const modes = (captures) => new Set(
    captures.filter((capture) => capture.graphs.length > 0 || capture.facts.graphMode === "node").map((c) => c.facts.graphMode)
  );
  const [before, after] = [[...modes(baseline)].join(), [...modes(candidate)].join()];
  const replays = [...baseline, ...candidate].some((capture) => capture.graphs.length > 0);
  return replays && before !== after && before !== "" && after !== "" ? [`CUDA graphs were captured as ${before} in one side and as ${after} in the other`] : [];
};
var kindRefusals = (baseline, candidate) => {
  const isNcu = (side2) => side2.format === "ncu-csv" || side2.format === "ncu-rep";
  const mixed = baseline.some(isNcu) !== candidate.some(isNcu);
  return mixed ? ["one side was measured by ncu (locked clocks, flushed caches), the other on a timeline"] : [];
};
var factWarnings = (baseline, candidate) => {
  const differs = (name, pick) => {
    const values = (captures) => [...new Set(captures.map((capture) => pick(capture.facts) ?? "unknown"))].sort().join(", ");
    const [before, after] = [values(baseline), values(candidate)];
    return before === after ? [] : [`${name} differs: ${before} against ${after}`];
  };
  const gpus = (captures) => [...new Set(captures.flatMap((capture) => capture.ranks.map((rank) => rank.gpuName ?? "unknown")))].sort().join(", ");
  const gpuDiffers = gpus(baseline) === gpus(candidate) ? [] : [`GPU differs: ${gpus(baseline)} against ${gpus(candidate)}`];
  return [
    ...gpuDiffers,
    ...differs("driver", (facts) => facts.driver),
    ...differs("profiler version", (facts) => facts.product),
    ...differs("export schema", (facts) => facts.schema)
  ];
};
var ownWarnings = (captures, label) => [
  ...new Set(captures.flatMap((capture) => capture.facts.warnings).map((warning) => `${label}: ${warning}`))
];
var overlapWarnings = (kernels, baselineNs, candidateNs) => {
  const shared = kernels.filter((row) => row.class === "both" || row.class === "paired").length;
  const names = {
    before: kernels.filter((row) => row.class !== "new").length,
    after: kernels.filter((row) => row.class !== "removed").length
  };
  const few = shared < 0.05 * Math.min(names.before, names.after) && Math.min(names.before, names.after) > 5;
  const calls = [
    kernels.reduce((sum, row) => sum + row.baseline.calls, 0),
    kernels.reduce((sum, row) => sum + row.candidate.calls, 0)
  ];
  const apart = Math.max(...calls) >= 3 * Math.min(...calls) && baselineNs > 0 && candidateNs > 0;
  return [
    ...few ? [`only ${shared} kernels are in both captures: they are different programs`] : [],
    ...apart ? [
      `the captures differ ${(Math.max(...calls) / Math.max(1, Math.min(...calls))).toFixed(1)} times in kernel calls`
    ] : []
  ];
};

// src/profile/diff-effects.ts
var countEffect = (before, after) => {
  const mean2 = before.count > 0 ? before.totalNs / before.count : after.count > 0 ? after.totalNs / after.count : 0;
  return (after.count - before.count) * mean2;
};
var effectsOf = (before, after) => splitBy(before, after, countEffect(before, after));
var splitBy = (before, after, countEffectNs) => {
  const delta = after.totalNs - before.totalNs;
  const rounded = Math.round(countEffectNs);
  return { delta_ns: delta, count_effect_ns: rounded, per_call_effect_ns: delta - rounded };
};
var perCallPercent = (before, after) => before.count === 0 || after.count === 0 || before.totalNs === 0 ? null : 100 * (after.totalNs / after.count / (before.totalNs / before.count) - 1);
var percentOf = (before, after) => before === null || after === null || before === 0 ? null : 100 * (after / before - 1);
var distributionRow = (cells) => {
  const { count: count2, totalNs, meanNs, medianNs, p95Ns, stdNs } = distributionOf(cells);
  return { calls: count2, total_ns: totalNs, mean_ns: meanNs, median_ns: medianNs, p95_ns: p95Ns, std_ns: stdNs };
};

// src/text/numbers.ts
var formatNumber = (value, digits = 6) => {
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent < -5 || exponent >= digits + 3) return value.toExponential(digits - 1).replace(/\.?0+e/, "e");
  return String(Number(value.toPrecision(digits)));
};
var formatNanoseconds = (ns2) => {
  const size = Math.abs(ns2);
  if (size >= 1e9) return `${(ns2 / 1e9).toFixed(3)} s`;
  if (size >= 1e6) return `${(ns2 / 1e6).toFixed(3)} ms`;
  if (size >= 1e3) return `${(ns2 / 1e3).toFixed(3)} us`;
  return `${formatNumber(ns2)} ns`;
};

// src/stats/cliffs-delta.ts
var cliffsDelta = (baseline, candidate) => {
  let balance = 0;
  for (const a2 of baseline) for (const b2 of candidate) balance += Math.sign(b2 - a2);
  return balance / (baseline.length * candidate.length);
};

// src/stats/describe.ts
import { mean, quantileSorted, sampleStandardDeviation } from "simple-statistics";
var ascending = (values) => values.toSorted((left, right) => left - right);
var describe = (values) => {
  const sorted = ascending(values);
  const centre = mean(sorted);
  const std = sorted.length > 1 ? sampleStandardDeviation(sorted) : null;
  return {
    n: sorted.length,
    mean: centre,
    median: quantileSorted(sorted, 0.5),
    std,
    cv: std === null || centre === 0 ? null : std / Math.abs(centre),
    min: quantileSorted(sorted, 0),
    max: quantileSorted(sorted, 1)
  };
};

// src/stats/interval-verdict.ts
var pass = (reason) => ({ status: "PASS", strength: null, reason });
var fail = (strength, reason) => ({
  status: "FAIL",
  strength,
  reason
});
var inconclusive = (reason) => ({
  status: "INCONCLUSIVE",
  strength: null,
  reason
});
var worseningVerdict = ({ low, estimate, high, limit }, failRule) => {
  if (high <= limit) return pass(high < 0 ? "improved" : low >= -limit ? "equivalent" : "not_worse");
  if (low > limit) return fail("proven", "regression_beyond_tolerance");
  if (low <= 0) return inconclusive("interval_spans_tolerance");
  if (estimate > limit && failRule === "likely") return fail("likely", "regression_likely_beyond_tolerance");
  return inconclusive("worse_but_size_unclear");
};
var changeVerdict = ({ low, estimate, high, limit }, failRule) => {
  if (low >= -limit && high <= limit) return pass("equivalent");
  if (low > limit || high < -limit) return fail("proven", "change_beyond_tolerance");
  if (low <= 0 && high >= 0) return inconclusive("interval_spans_tolerance");
  if (Math.abs(estimate) > limit && failRule === "likely") return fail("likely", "change_likely_beyond_tolerance");
  return inconclusive("changed_but_size_unclear");
};

// src/stats/rank-sum-null.ts
var EXACT_PAIRS_LIMIT = 2500;
var tables = /* @__PURE__ */ new Map();
var probabilities = (n, m) => {
  let previous = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  for (let i = 1; i <= n; i += 1) {
    const row = [Float64Array.of(1)];
    for (let j = 1; j <= m; j += 1) {
      const out = new Float64Array(i * j + 1);
      const [fewerFirst, fewerSecond] = [previous[j] ?? out, row[j - 1] ?? out];
      fewerFirst.forEach((p, u) => out[u] = p * i / (i + j));
      fewerSecond.forEach((p, u) => out[u + i] = (out[u + i] ?? 0) + p * j / (i + j));
      row.push(out);
    }
    previous = row;
  }
  return previous[m] ?? Float64Array.of(1);
};
var rankSumCdf = (n, m) => {
  const key = `${Math.min(n, m)}:${Math.max(n, m)}`;
  const known2 = tables.get(key);
  if (known2 !== void 0) return known2;
  let total = 0;
  const cdf = probabilities(Math.min(n, m), Math.max(n, m)).map((p) => total += p);
  tables.set(key, cdf);
  return cdf;
};
var cdfAt = (cdf, x) => x < 0 ? 0 : cdf[Math.min(x, cdf.length - 1)] ?? 1;
var intervalOrder = (cdf, alpha) => {
  const allowed = alpha * (1 + 1e-9);
  let order = 0;
  while (order < cdf.length && cdfAt(cdf, order) <= allowed) order += 1;
  return { order, level: 1 - 2 * cdfAt(cdf, order - 1) };
};

// src/stats/noncentral-t.ts
import { gammaln as gammaln2 } from "simple-statistics";

// src/stats/incomplete-beta.ts
import { gammaln } from "simple-statistics";
var TINY = 1e-300;
var awayFromZero = (x) => Math.abs(x) < TINY ? TINY : x;
var continuedFraction = (x, a2, b2) => {
  let c = 1;
  let d2 = 1 / awayFromZero(1 - (a2 + b2) * x / (a2 + 1));
  let value = d2;
  for (let m = 1; m <= 1e4; m += 1) {
    const even = m * (b2 - m) * x / ((a2 + 2 * m - 1) * (a2 + 2 * m));
    d2 = 1 / awayFromZero(1 + even * d2);
    c = awayFromZero(1 + even / c);
    value *= d2 * c;
    const odd = -(a2 + m) * (a2 + b2 + m) * x / ((a2 + 2 * m) * (a2 + 2 * m + 1));
    d2 = 1 / awayFromZero(1 + odd * d2);
    c = awayFromZero(1 + odd / c);
    value *= d2 * c;
    if (Math.abs(d2 * c - 1) < 1e-16) break;
  }
  return value;
};
var regularizedBeta = (x, oneMinusX, a2, b2) => {
  if (x <= 0) return 0;
  if (oneMinusX <= 0) return 1;
  const logBeta = gammaln(a2) + gammaln(b2) - gammaln(a2 + b2);
  const front = Math.exp(a2 * Math.log(x) + b2 * Math.log(oneMinusX) - logBeta);
  if (x < (a2 + 1) / (a2 + b2 + 2)) return front * continuedFraction(x, a2, b2) / a2;
  return 1 - front * continuedFraction(oneMinusX, b2, a2) / b2;
};

// src/stats/normal-distribution.ts
import { probit } from "simple-statistics";
var normalDensity = (z3) => Math.exp(-z3 * z3 / 2) / Math.sqrt(2 * Math.PI);
var centralArea = (z3) => {
  let term = z3;
  let sum = z3;
  for (let odd = 3; Math.abs(term) > Math.abs(sum) * 1e-17; odd += 2) {
    term *= z3 * z3 / odd;
    sum += term;
  }
  return sum * normalDensity(z3);
};
var farTail = (z3) => {
  let fraction = z3;
  for (let k = 120; k >= 1; k -= 1) fraction = z3 + k / fraction;
  return normalDensity(z3) / fraction;
};
var normalCdf = (z3) => {
  if (z3 < -3) return farTail(-z3);
  if (z3 > 3) return 1 - farTail(z3);
  return 0.5 + centralArea(z3);
};
var normalQuantile = (p) => {
  if (p > 0.5) return -normalQuantile(1 - p);
  let z3 = p < 1e-12 ? -Math.sqrt(-2 * Math.log(p)) : probit(p);
  for (let step = 0; step < 50; step += 1) {
    const error = (normalCdf(z3) - p) / normalDensity(z3);
    const move = error / (1 + z3 * error / 2);
    z3 -= move;
    if (Math.abs(move) <= 1e-15 * Math.abs(z3)) break;
  }
  return z3;
};

// src/stats/noncentral-t.ts
var cdfRightOfZero = (t, df, ncp) => {
  const square = t * t;
  const [x, oneMinusX] = [square / (df + square), df / (df + square)];
  const half = ncp * ncp / 2;
  let p = Math.exp(-half) / 2;
  let q = Math.exp(-half) * ncp / (2 * Math.SQRT2 * Math.exp(gammaln2(1.5)));
  let sum = 0;
  for (let j = 0; j < 5e3; j += 1) {
    const added = p * regularizedBeta(x, oneMinusX, j + 0.5, df / 2) + q * regularizedBeta(x, oneMinusX, j + 1, df / 2);
    sum += added;
    if (j > half && Math.abs(added) <= 1e-17) break;
    p *= half / (j + 1);
    q *= half / (j + 1.5);
  }
  return normalCdf(-ncp) + sum;
};
var noncentralTCdf = (t, df, ncp) => t >= 0 ? cdfRightOfZero(t, df, ncp) : 1 - cdfRightOfZero(-t, df, -ncp);

// src/stats/root.ts
var solveIncreasing = (f, level, range) => {
  let [low, high] = range;
  for (; ; ) {
    const middle2 = low + (high - low) / 2;
    if (middle2 <= low || middle2 >= high) return middle2;
    if (f(middle2) < level) low = middle2;
    else high = middle2;
  }
};
var upperBracket = (f, level, start) => {
  let bound = start;
  for (let doubled = 0; doubled < 100 && f(bound) < level; doubled += 1) bound *= 2;
  return bound;
};

// src/stats/signed-rank-null.ts
var EXACT_SIGNED_LIMIT = 100;
var subsetSums = (doubledRanks) => {
  const total = doubledRanks.reduce((sum, rank) => sum + rank, 0);
  const chances = new Float64Array(total + 1);
  chances[0] = 1;
  let reached = 0;
  for (const rank of doubledRanks) {
    reached += rank;
    for (let s = reached; s >= 0; s -= 1)
      chances[s] = ((chances[s] ?? 0) + (s >= rank ? chances[s - rank] ?? 0 : 0)) / 2;
  }
  return chances;
};
var tables2 = /* @__PURE__ */ new Map();
var signedRankCdf = (n) => {
  const known2 = tables2.get(n);
  if (known2 !== void 0) return known2;
  let total = 0;
  const cdf = subsetSums(Array.from({ length: n }, (_, index) => index + 1)).map((p) => total += p);
  tables2.set(n, cdf);
  return cdf;
};

// src/stats/student-t.ts
var studentTTwoSided = (t, df) => {
  const square = t * t;
  return regularizedBeta(df / (df + square), square / (df + square), df / 2, 0.5);
};
var studentTUpper = (t, df) => {
  const tail = studentTTwoSided(t, df) / 2;
  return t >= 0 ? tail : 1 - tail;
};
var studentTQuantile = (p, df) => {
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentTQuantile(1 - p, df);
  const lower = (t) => -studentTUpper(t, df);
  return solveIncreasing(lower, p - 1, [0, upperBracket(lower, p - 1, 1)]);
};

// src/stats/power.ts
var DEFAULT_GOAL = { alpha: 0.05, power: 0.8 };
var TRIALS_CAP = 200;
var neededNoncentrality = (df, goal) => {
  const critical = studentTQuantile(1 - goal.alpha, df);
  const power = (ncp) => 1 - noncentralTCdf(critical, df, ncp);
  return solveIncreasing(power, goal.power, [0, upperBracket(power, goal.power, 1)]);
};
var known = /* @__PURE__ */ new Map();
var noncentrality = (df, goal) => {
  const key = `${goal.alpha}:${goal.power}`;
  const byDf = known.get(key) ?? /* @__PURE__ */ new Map();
  known.set(key, byDf);
  const value = byDf.get(df) ?? neededNoncentrality(df, goal);
  byDf.set(df, value);
  return value;
};
var detectableShift = (n, m, goal = DEFAULT_GOAL) => n + m < 3 ? null : noncentrality(n + m - 2, goal) * Math.sqrt(1 / n + 1 / m);
var detectablePairedShift = (pairs, goal = DEFAULT_GOAL) => pairs < 2 ? null : noncentrality(pairs - 1, goal) / Math.sqrt(pairs);
var detectable = (analysis, n, goal) => (analysis === "paired" ? detectablePairedShift(n, goal) : detectableShift(n, n, goal)) ?? Number.POSITIVE_INFINITY;
var fewestTrials = (analysis, alpha) => {
  for (let n = 1; n < TRIALS_CAP; n += 1) {
    const cdf = analysis === "paired" ? signedRankCdf(n) : rankSumCdf(n, n);
    if (intervalOrder(cdf, alpha).order > 0) return n;
  }
  return TRIALS_CAP;
};
var trialsToSee = (analysis, gap, goal = DEFAULT_GOAL) => {
  let [tooFew, enough] = [fewestTrials(analysis, goal.alpha) - 1, TRIALS_CAP];
  if (gap < detectable(analysis, enough, goal)) return null;
  while (enough - tooFew > 1) {
    const n = tooFew + enough >> 1;
    if (detectable(analysis, n, goal) > gap) tooFew = n;
    else enough = n;
  }
  return enough + 1;
};
var trialsToPlace = (analysis, gap, { power }) => Math.ceil((analysis === "paired" ? 1 : 2) * (normalQuantile(power) / gap) ** 2);
var trialsToSettle = ({ analysis, shift, limit, noise, provenOnly }, goal = DEFAULT_GOAL) => {
  const margin = Math.abs(shift - limit);
  if (margin === 0) return null;
  if (shift < limit || provenOnly) return trialsToSee(analysis, margin / noise, goal);
  const toSee = trialsToSee(analysis, shift / noise, goal);
  const toPlace = trialsToPlace(analysis, margin / noise, goal);
  return toSee === null || toPlace > TRIALS_CAP ? null : Math.max(toSee, toPlace);
};

// src/stats/shift-evidence.ts
import { sampleVariance } from "simple-statistics";

// src/stats/hodges-lehmann.ts
var middle = (sorted) => {
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? Number.NaN) + upper) / 2;
};
var orderInterval = (sorted, order, level) => order < 1 ? null : { low: sorted[order - 1] ?? Number.NaN, high: sorted[sorted.length - order] ?? Number.NaN, level, order };
var pairwiseDifferences = (baseline, candidate) => {
  const differences = new Float64Array(baseline.length * candidate.length);
  baseline.forEach((a2, i) => candidate.forEach((b2, j) => differences[i * candidate.length + j] = b2 - a2));
  return differences.sort();
};
var normalOrder = (n, m, alpha) => {
  const spread = Math.sqrt(n * m * (n + m + 1) / 12);
  return { order: Math.max(0, Math.floor(n * m / 2 + normalQuantile(alpha) * spread)), level: 1 - 2 * alpha };
};
var hodgesLehmann = (baseline, candidate, alpha) => {
  const [n, m] = [baseline.length, candidate.length];
  const differences = pairwiseDifferences(baseline, candidate);
  const { order, level } = n * m <= EXACT_PAIRS_LIMIT ? intervalOrder(rankSumCdf(n, m), alpha) : normalOrder(n, m, alpha);
  return { estimate: middle(differences), interval: orderInterval(differences, order, level) };
};

// src/stats/midranks.ts
var midranks = (values, grain = 0) => {
  const order = values.map((_, index) => index).sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0));
  const at = (position) => values[order[position] ?? -1] ?? Number.NaN;
  const ranks = new Array(values.length).fill(0);
  const groups = [];
  let start = 0;
  while (start < order.length) {
    let end = start + 1;
    while (end < order.length && at(end) - at(end - 1) <= grain) end += 1;
    for (let position = start; position < end; position += 1) ranks[order[position] ?? 0] = (start + 1 + end) / 2;
    groups.push(end - start);
    start = end;
  }
  return { ranks, groups };
};

// src/stats/mann-whitney.ts
var binomials = (group) => {
  const ways = [1];
  for (let taken = 1; taken <= group; taken += 1) ways.push((ways[taken - 1] ?? 0) * (group - taken + 1) / taken);
  return ways;
};
var addShifted = (into, from, shift, ways) => {
  for (let s = shift; s < into.length; s += 1) {
    const count2 = from[s - shift] ?? 0;
    if (count2 > 0) into[s] = (into[s] ?? 0) + count2 * ways;
  }
};
var tiedRankSums = (groups, size) => {
  const all = groups.reduce((sum, group) => sum + group, 0);
  const rows = Array.from({ length: size + 1 }, () => new Float64Array(size * (2 * all - size + 1) + 1));
  rows[0]?.fill(1, 0, 1);
  let below = 0;
  for (const group of groups) {
    const doubledRank = 2 * below + group + 1;
    const ways = binomials(group);
    for (const [chosen, into] of [...rows.entries()].reverse()) {
      for (let taken = 1; taken <= Math.min(group, chosen); taken += 1) {
        const from = rows[chosen - taken];
        if (from !== void 0) addShifted(into, from, taken * doubledRank, ways[taken] ?? 0);
      }
    }
    below += group;
  }
  const counts = rows[size] ?? Float64Array.of(1);
  const total = counts.reduce((sum, count2) => sum + count2, 0);
  return counts.map((count2) => count2 / total);
};
var tiedTails = (groups, size, u) => {
  const chances = tiedRankSums(groups, size);
  const observed = Math.round(2 * u + size * (size + 1));
  const share = (from, to) => chances.subarray(from, to).reduce((sum, chance) => sum + chance, 0);
  return { greater: share(observed, chances.length), less: share(0, observed + 1) };
};
var exactTails = (groups, n, m, uCandidate) => {
  if (groups.every((group) => group === 1)) {
    const cdf = rankSumCdf(n, m);
    return { greater: cdfAt(cdf, n * m - uCandidate), less: cdfAt(cdf, uCandidate) };
  }
  if (m <= n) return tiedTails(groups, m, uCandidate);
  const { greater, less } = tiedTails(groups, n, n * m - uCandidate);
  return { greater: less, less: greater };
};
var normalTails = (groups, n, m, uCandidate) => {
  const size = n + m;
  const ties = groups.reduce((sum, group) => sum + (group ** 3 - group), 0);
  const spread = Math.sqrt(n * m / 12 * (size + 1 - ties / (size * (size - 1))));
  const upper = (u) => spread === 0 ? 1 : normalCdf(-(u - n * m / 2 - 0.5) / spread);
  return { greater: upper(uCandidate), less: upper(n * m - uCandidate) };
};
var mannWhitney = (baseline, candidate, grain = 0) => {
  const [n, m] = [baseline.length, candidate.length];
  const { ranks, groups } = midranks([...baseline, ...candidate], grain);
  const rankSum = ranks.slice(n).reduce((sum, rank) => sum + rank, 0);
  const uCandidate = rankSum - m * (m + 1) / 2;
  const method = n * m <= EXACT_PAIRS_LIMIT ? "exact" : "normal";
  const { greater, less } = (method === "exact" ? exactTails : normalTails)(groups, n, m, uCandidate);
  return {
    uBaseline: n * m - uCandidate,
    uCandidate,
    pTwoSided: Math.min(1, 2 * Math.min(greater, less)),
    pCandidateGreater: Math.min(1, greater),
    pCandidateLess: Math.min(1, less),
    method
  };
};

// src/stats/signed-rank.ts
var exactTails2 = (ranks, tied, wPlus) => {
  const total = ranks.length * (ranks.length + 1) / 2;
  if (!tied) {
    const cdf = signedRankCdf(ranks.length);
    return { greater: cdfAt(cdf, total - wPlus), less: cdfAt(cdf, wPlus) };
  }
  const chances = subsetSums(ranks.map((rank) => Math.round(2 * rank)));
  const share = (from, to) => chances.subarray(from, to).reduce((sum, chance) => sum + chance, 0);
  const observed = Math.round(2 * wPlus);
  return { greater: share(observed, chances.length), less: share(0, observed + 1) };
};
var normalTails2 = (ranks, wPlus) => {
  const total = ranks.length * (ranks.length + 1) / 2;
  const spread = Math.sqrt(ranks.reduce((sum, rank) => sum + rank * rank, 0)) / 2;
  const upper = (w) => normalCdf(-(w - total / 2 - 0.5) / spread);
  return { greater: upper(wPlus), less: upper(total - wPlus) };
};
var signedRank = (differences, grain = 0) => {
  const nonzero = differences.filter((difference) => Math.abs(difference) > grain);
  const { ranks, groups } = midranks(nonzero.map(Math.abs), grain);
  const wPlus = ranks.reduce((sum, rank, index) => sum + ((nonzero[index] ?? 0) > 0 ? rank : 0), 0);
  const tied = groups.some((group) => group > 1);
  const { greater, less } = nonzero.length <= EXACT_SIGNED_LIMIT ? exactTails2(ranks, tied, wPlus) : normalTails2(ranks, wPlus);
  return {
    wPlus,
    wMinus: nonzero.length * (nonzero.length + 1) / 2 - wPlus,
    nNonzero: nonzero.length,
    pTwoSided: Math.min(1, 2 * Math.min(greater, less)),
    pGreater: Math.min(1, greater),
    pLess: Math.min(1, less)
  };
};
var walshAverages = (differences) => {
  const averages = new Float64Array(differences.length * (differences.length + 1) / 2);
  let filled = 0;
  differences.forEach((first, i) => {
    for (const second of differences.slice(i)) {
      averages[filled] = (first + second) / 2;
      filled += 1;
    }
  });
  return averages.sort();
};
var normalOrder2 = (n, alpha) => {
  const spread = Math.sqrt(n * (n + 1) * (2 * n + 1) / 24);
  return { order: Math.max(0, Math.floor(n * (n + 1) / 4 + normalQuantile(alpha) * spread)), level: 1 - 2 * alpha };
};
var walshInterval = (differences, alpha) => {
  const n = differences.length;
  const averages = walshAverages(differences);
  const { order, level } = n <= EXACT_SIGNED_LIMIT ? intervalOrder(signedRankCdf(n), alpha) : normalOrder2(n, alpha);
  return { estimate: middle(averages), interval: orderInterval(averages, order, level) };
};

// src/stats/shift-evidence.ts
var squares = (values) => values.length < 2 ? 0 : sampleVariance([...values]) * (values.length - 1);
var FEWEST_A_SIDE = 3;
var unpairedEvidence = (baseline, candidate, alpha, grain) => {
  const [n, m] = [baseline.length, candidate.length];
  const goal = { ...DEFAULT_GOAL, alpha };
  const noise = n + m < 3 ? null : Math.sqrt((squares(baseline) + squares(candidate)) / (n + m - 2));
  const multiple = detectableShift(n, m, goal);
  const { estimate, interval } = hodgesLehmann(baseline, candidate, alpha);
  return {
    analysis: "unpaired",
    n: Math.min(n, m),
    estimate,
    interval: Math.min(n, m) < FEWEST_A_SIDE ? null : interval,
    tails: (limit) => {
      const test = mannWhitney(
        baseline,
        candidate.map((value) => value - limit),
        grain
      );
      return { greater: test.pCandidateGreater, less: test.pCandidateLess };
    },
    noise,
    detectable: noise === null || multiple === null ? null : noise * multiple
  };
};
var pairedEvidence = (differences, alpha, grain) => {
  const n = differences.length;
  const goal = { ...DEFAULT_GOAL, alpha };
  const noise = n < 2 ? null : Math.sqrt(squares(differences) / (n - 1));
  const multiple = detectablePairedShift(n, goal);
  return {
    analysis: "paired",
    n,
    ...walshInterval(differences, alpha),
    tails: (limit) => {
      const test = signedRank(
        differences.map((difference) => difference - limit),
        grain
      );
      return { greater: test.pGreater, less: test.pLess };
    },
    noise,
    detectable: noise === null || multiple === null ? null : noise * multiple
  };
};
var certainEvidence = (shift, n) => ({
  analysis: "unpaired",
  n,
  estimate: shift,
  interval: { low: shift, high: shift, level: 1, order: 1 },
  tails: (limit) => ({ greater: shift > limit ? 0 : 1, less: shift < limit ? 0 : 1 }),
  noise: 0,
  detectable: 0
});

// src/stats/worsening-scale.ts
var sign = (direction) => direction === "higher-is-better" ? -1 : 1;
var ratioScale = (direction, tolerance) => {
  const orient = sign(direction);
  return {
    name: "ratio",
    place: (value) => orient * Math.log(value),
    shown: Math.expm1,
    tolerance,
    limit: Math.log1p(tolerance),
    grain: 1e-12
  };
};
var differenceScale = (direction, tolerance, values) => {
  const orient = sign(direction);
  return {
    name: "difference",
    place: (value) => orient * value,
    shown: (shift) => shift,
    tolerance,
    limit: tolerance,
    grain: Math.max(tolerance, ...values.map(Math.abs)) * 1e-12
  };
};

// src/stats/judgement.ts
var DEFAULT_TRIALS = { unpaired: 5, paired: 6 };
var alphaPerSide = ({ alpha, direction }) => direction === "two-sided" ? alpha / 2 : alpha;
var scalesFor = ({ baseline, candidate, direction, tolerance }) => {
  const values = [...baseline, ...candidate].map(({ value }) => value);
  const { relative, absolute } = tolerance;
  const ratio = values.every((value) => value > 0) && (relative !== null || absolute === null);
  return [
    ...ratio ? [ratioScale(direction, relative ?? 0)] : [],
    ...absolute !== null || !ratio ? [differenceScale(direction, absolute ?? 0, values)] : []
  ];
};
var evidenceOn = (scale, asked) => {
  const place = ({ value }) => scale.place(value);
  const shift = (a2, b2) => a2 === void 0 || b2 === void 0 ? Number.NaN : place(b2) - place(a2);
  const [baseline, candidate] = [asked.baseline, asked.candidate];
  if (asked.exact)
    return certainEvidence(shift(baseline[0], candidate[0]), Math.min(baseline.length, candidate.length));
  const alpha = alphaPerSide(asked);
  return asked.pairing === null ? unpairedEvidence(baseline.map(place), candidate.map(place), alpha, scale.grain) : pairedEvidence(
    asked.pairing.pairs.map(([a2, b2]) => shift(a2, b2)),
    alpha,
    scale.grain
  );
};
var settled = (x, { limit, grain }) => [0, limit, -limit].find((mark) => Math.abs(x - mark) <= grain) ?? x;
var verdictOn = (scale, { interval, estimate }, asked) => {
  if (interval === null) return inconclusive("insufficient_n");
  const reading = {
    low: settled(interval.low, scale),
    estimate: settled(estimate, scale),
    high: settled(interval.high, scale),
    limit: scale.limit
  };
  return (asked.direction === "two-sided" ? changeVerdict : worseningVerdict)(reading, asked.failRule);
};
var LENIENCE = ["PASS", "INCONCLUSIVE", "likely", "proven"];
var severity = ({ verdict }) => LENIENCE.findIndex((level) => level === (verdict.strength ?? verdict.status));
var judgeSides = (asked) => {
  const [first, ...others] = scalesFor(asked).map((scale) => {
    const evidence = evidenceOn(scale, asked);
    return { scale, evidence, verdict: verdictOn(scale, evidence, asked) };
  });
  if (first === void 0) throw new RangeError("a metric has at least one scale");
  return others.reduce((lenient, next) => severity(next) < severity(lenient) ? next : lenient, first);
};
var pValues = ({ evidence, scale }, direction) => {
  const [none, above] = [evidence.tails(0), evidence.tails(scale.limit)];
  if (direction !== "two-sided")
    return { worse: none.greater, beyondTolerance: above.greater, withinTolerance: above.less };
  const below = evidence.tails(-scale.limit);
  return {
    worse: Math.min(1, 2 * Math.min(none.greater, none.less)),
    beyondTolerance: Math.min(1, 2 * Math.min(above.greater, below.less)),
    withinTolerance: Math.max(above.less, below.greater)
  };
};
var trialsNeeded = ({ evidence, scale }, asked) => {
  const { analysis, noise, n } = evidence;
  const shift = settled(asked.direction === "two-sided" ? Math.abs(evidence.estimate) : evidence.estimate, scale);
  const goal = { ...DEFAULT_GOAL, alpha: alphaPerSide(asked) };
  const provenOnly = asked.failRule === "proven";
  const needed = noise === null ? null : trialsToSettle({ analysis, shift, limit: scale.limit, noise, provenOnly }, goal);
  const trials = needed ?? (evidence.interval === null ? DEFAULT_TRIALS[analysis] : null);
  return trials === null ? null : Math.max(trials, n + 1);
};

// src/stats/pair-trials.ts
var byBlock = (trials) => {
  const blocks = /* @__PURE__ */ new Map();
  for (const trial of trials) {
    const block = blocks.get(trial.block);
    if (block === void 0) blocks.set(trial.block, [trial]);
    else block.push(trial);
  }
  return blocks;
};
var pairByBlock = (baseline, candidate) => {
  if ([...baseline, ...candidate].some(({ block }) => block === null)) return null;
  const partners = byBlock(candidate);
  const pairs = [...byBlock(baseline)].flatMap(
    ([block, trials]) => trials.flatMap((trial, k) => {
      const partner = partners.get(block)?.[k];
      return partner === void 0 ? [] : [[trial, partner]];
    })
  );
  return pairs.length === 0 ? null : { pairs, left: baseline.length + candidate.length - 2 * pairs.length };
};

// src/stats/tail-requests.ts
var requestsForTail = (tailQuantile, confidence = 0.95) => Math.floor(Math.log(1 - confidence) / Math.log(tailQuantile)) + 1;

// src/stats/decision.ts
var isUsable = (trial) => trial.value !== null && Number.isFinite(trial.value) && !trial.excluded;
var valuesOf2 = (trials) => trials.map(({ value }) => value);
var holdsValue = (trials) => trials.some(({ value }) => value !== null);
var isConstant = (trials) => trials.every(({ value }) => value === trials[0]?.value);
var summaryOf = (trials) => trials.length === 0 ? null : describe(valuesOf2(trials));
var countsOf = ({ baseline, candidate }) => [baseline.length, candidate.length];
var excludedFrom = (question, sides) => [
  question.baseline.length - sides.baseline.length,
  question.candidate.length - sides.candidate.length
];
var basisOf = (sides) => Math.min(sides.baseline.length, sides.candidate.length) < 2 ? "point" : "interval";
var undecidable = (question, sides, status, reason) => ({
  status,
  strength: null,
  basis: basisOf(sides),
  reason,
  trials_needed: null,
  mde: null,
  direction: question.direction,
  analysis: null,
  scale: null,
  tolerance: null,
  n: countsOf(sides),
  pairs: null,
  excluded: excludedFrom(question, sides),
  worsening: null,
  interval: null,
  p_worse: null,
  p_beyond_tolerance: null,
  p_within_tolerance: null,
  cliffs_delta: null,
  baseline: summaryOf(sides.baseline),
  candidate: summaryOf(sides.candidate),
  report_only: false,
  warnings: []
});
var hasThinTail = ({ tail }) => tail !== void 0 && tail.requests < requestsForTail(tail.quantile);
var warningsOf = (question, asked, judged, stuck) => {
  const holds = [
    ["underpowered_tail", hasThinTail(question)],
    ["counter_varies", question.counter === true && !asked.exact],
    ["unpaired_trials_left_out", (asked.pairing?.left ?? 0) > 0],
    ["no_absolute_tolerance", judged.scale.name === "difference" && question.tolerance.absolute === null],
    ["indistinguishable_from_tolerance", stuck]
  ];
  return holds.flatMap(([warning, so]) => so ? [warning] : []);
};
var written = (question, sides, asked) => {
  const judged = judgeSides(asked);
  const { scale, evidence, verdict } = judged;
  const { interval, detectable: detectable2 } = evidence;
  const p = pValues(judged, asked.direction);
  const open = verdict.status === "INCONCLUSIVE";
  const needed = open ? trialsNeeded(judged, asked) : null;
  return {
    status: verdict.status,
    strength: verdict.strength,
    basis: asked.exact ? "exact" : basisOf(sides),
    reason: verdict.reason,
    trials_needed: needed,
    mde: detectable2 === null ? null : scale.shown(detectable2),
    direction: asked.direction,
    analysis: evidence.analysis,
    scale: scale.name,
    tolerance: scale.tolerance,
    n: countsOf(sides),
    pairs: asked.pairing === null ? null : asked.pairing.pairs.length,
    excluded: excludedFrom(question, sides),
    worsening: scale.shown(evidence.estimate),
    interval: interval && { low: scale.shown(interval.low), high: scale.shown(interval.high), level: interval.level },
    p_worse: p.worse,
    p_beyond_tolerance: p.beyondTolerance,
    p_within_tolerance: p.withinTolerance,
    cliffs_delta: cliffsDelta(valuesOf2(sides.baseline), valuesOf2(sides.candidate)),
    baseline: summaryOf(sides.baseline),
    candidate: summaryOf(sides.candidate),
    report_only: hasThinTail(question),
    warnings: warningsOf(question, asked, judged, open && needed === null)
  };
};
var decideMetric = (question) => {
  const sides = { baseline: question.baseline.filter(isUsable), candidate: question.candidate.filter(isUsable) };
  const stop = (status, reason) => undecidable(question, sides, status, reason);
  const { direction, mismatch = [], analysis = "auto" } = question;
  if (mismatch.length > 0) return stop("INCOMPARABLE", `context_mismatch:${mismatch.join(",")}`);
  if (!holdsValue(question.baseline) || !holdsValue(question.candidate)) return stop("MISSING", "metric_missing");
  if (sides.baseline.length === 0 || sides.candidate.length === 0) return stop("INVALID", "trials_invalid");
  if (direction === null) return stop("UNKNOWN", "direction_unknown");
  const exact = question.counter === true && isConstant(sides.baseline) && isConstant(sides.candidate);
  const pairing = exact || analysis === "unpaired" ? null : pairByBlock(sides.baseline, sides.candidate);
  if (analysis === "paired" && pairing === null && !exact) return stop("INCONCLUSIVE", "blocks_missing");
  const { tolerance, alpha = DEFAULT_GOAL.alpha, failRule = "likely" } = question;
  const { baseline, candidate } = sides;
  return written(question, sides, { baseline, candidate, direction, tolerance, pairing, exact, alpha, failRule });
};

// src/profile/diff-verdict.ts
var DEFAULT_RULE = { perCallPct: 5, sharePct: 1, q: 0.05, thresholds: {} };
var thresholdOf = (rule, bucket) => rule.thresholds[bucket] ?? rule.perCallPct;
var judgeKernels = (rows, rule) => {
  const rankTotals2 = totalsByRank(rows);
  return rows.map((row) => {
    const limit = thresholdOf(rule, row.bucket);
    const known2 = row.q === null || row.q <= rule.q;
    const pct = row.stratified_pct;
    const matters = row.share_pct >= rule.sharePct;
    const paired = row.class === "both" || row.class === "paired";
    const ranks = row.ranks.map((rank) => {
      const total = rankTotals2.get(rank.rank) ?? 0;
      const large = 100 * rank.candidate.total_ns >= rule.sharePct * total;
      const slower = rank.per_call_pct !== null && rank.per_call_pct >= limit && (rank.q === null || rank.q <= rule.q);
      return { ...rank, adverse: !row.collective && paired && large && slower };
    });
    const beyond = paired && pct !== null && known2 ? pct : 0;
    const change = beyond >= limit ? "slower" : beyond <= -limit ? "faster" : row.q === null ? "untested" : "none";
    return {
      ...row,
      ranks,
      change,
      adverse: matters && change === "slower" || ranks.some((rank) => rank.adverse),
      improved: matters && change === "faster"
    };
  });
};
var totalsByRank = (rows) => {
  const totals = /* @__PURE__ */ new Map();
  for (const row of rows) {
    for (const rank of row.ranks) totals.set(rank.rank, (totals.get(rank.rank) ?? 0) + rank.candidate.total_ns);
  }
  return totals;
};
var judgeBuckets = (rows, rule) => rows.map((row) => ({
  ...row,
  adverse: row.share_pct >= rule.sharePct && row.per_call_pct !== null && row.per_call_pct >= thresholdOf(rule, row.bucket)
}));
var adverseList = (headline, kernels, buckets) => {
  const slow = kernels.filter((row) => row.adverse);
  const unexplained = buckets.filter((bucket) => bucket.adverse && !slow.some((row) => row.bucket === bucket.bucket));
  const listed = slow.map((row) => {
    const rank = onlyRank(row);
    return {
      kind: "kernel",
      name: row.name,
      rank,
      effect_ns: Math.round(costOf(row)),
      pct: rank === null ? row.stratified_pct : row.ranks.find((r) => r.rank === rank)?.per_call_pct ?? null
    };
  });
  listed.sort((a2, b2) => b2.effect_ns - a2.effect_ns || a2.name.localeCompare(b2.name));
  const first = headline.adverse ? [
    {
      kind: "headline",
      name: headline.metric,
      rank: null,
      effect_ns: headlineCost(headline),
      pct: headline.change_pct
    }
  ] : [];
  return [
    ...first,
    ...listed,
    ...unexplained.map((row) => ({
      kind: "bucket",
      name: row.bucket,
      rank: null,
      effect_ns: row.per_call_effect_ns,
      pct: row.per_call_pct
    }))
  ];
};
var headlineCost = ({ baseline_ns: before, candidate_ns: after, candidate_units: units }) => Math.round(((after ?? 0) - (before ?? 0)) * (units ?? 0));
var costOf = (row) => {
  if (row.adverse && (row.stratified_effect_ns ?? 0) <= 0) {
    return row.ranks.filter((rank) => rank.adverse).reduce((sum, rank) => sum + rank.per_call_effect_ns, 0);
  }
  return row.stratified_effect_ns ?? row.per_call_effect_ns;
};
var onlyRank = (row) => {
  const slow = row.ranks.filter((rank) => rank.adverse);
  return slow.length === 1 && row.ranks.length > 1 ? slow[0]?.rank ?? null : null;
};
var colourOf = (adverse) => {
  if (adverse.length === 0) return "GREEN";
  return adverse.length >= 3 || adverse.some((entry) => entry.kind === "headline") ? "RED" : "YELLOW";
};
var decisionOf = (headline, baseline, candidate) => {
  if (baseline.length < 2 || candidate.length < 2) {
    return {
      status: "INCONCLUSIVE",
      strength: null,
      basis: "capture",
      reason: "one_capture_a_side",
      trials_needed: 5,
      mde: null
    };
  }
  const trials = (values) => values.map((value) => ({ value, block: null, excluded: false }));
  const decided = decideMetric({
    direction: "lower-is-better",
    tolerance: { relative: headline.threshold_pct / 100, absolute: null },
    baseline: trials(baseline),
    candidate: trials(candidate)
  });
  const { status, strength, basis, reason, trials_needed, mde } = decided;
  const known2 = status === "PASS" || status === "FAIL" || status === "INCOMPARABLE" ? status : "INCONCLUSIVE";
  return { status: known2, strength, basis, reason, trials_needed, mde };
};

// src/profile/diff-explain.ts
var findCulprit = (found) => {
  const compute = strongest(found.kernels.filter((row) => row.adverse && !row.collective));
  const collective = strongest(found.kernels.filter((row) => row.collective && isSlowerCollective(row, found)));
  const detail = found.collectives.find((row) => row.kernel === collective?.name);
  if (compute !== null) {
    const rank = onlyRank(compute);
    const victims = found.collectives.find((row) => waitsFor(row, rank)) ?? null;
    const worse = collective === null || costOf(compute) >= costOf(collective) || victims?.kernel === collective.name;
    if (worse) return { kind: "kernel", row: compute, rank, victims };
  }
  if (collective !== null && detail !== void 0) return { kind: "collective", row: collective, detail };
  const added = newcomers(found);
  if (added !== null) return added;
  if (found.headline.adverse && found.clock.applied && found.clock.factor > 1) return { kind: "clock" };
  if (!found.headline.adverse) return { kind: "none" };
  const idle = idleGrowth(found);
  return idle ?? { kind: "headline" };
};
var strongest = (rows) => rows.reduce((best, row) => best === null || costOf(row) > costOf(best) ? row : best, null);
var isSlowerCollective = (row, found) => {
  const bucket = found.buckets.find((candidate) => candidate.bucket === "collective");
  const limit = bucket?.threshold_pct ?? 5;
  return row.share_pct >= 1 && (row.per_call_pct ?? 0) >= limit && (row.adverse || bucket?.adverse === true);
};
var waitsFor = (row, rank) => rank !== null && (row.grew === "waiting" || row.grew === "both") && row.late_rank.candidate === rank;
var newcomers = (found) => {
  const added = found.kernels.filter((row) => row.class === "new" && row.share_pct >= 1);
  const buckets = new Set(added.map((row) => row.bucket));
  const gone = found.kernels.filter((row) => row.class === "removed" && buckets.has(row.bucket));
  const ns2 = [...added, ...gone].reduce((sum, row) => sum + row.delta_ns, 0);
  return added.length > 0 && ns2 >= 0.01 * found.totals.candidate_ns ? { kind: "new", rows: added, ns: ns2 } : null;
};
var idleGrowth = (found) => {
  const ratio = found.headline.work_ratio ?? 1;
  const growth = found.ranks.map((rank) => ({
    rank,
    ns: (rank.candidate_timeline?.idle_ns ?? 0) - (rank.baseline_timeline?.idle_ns ?? 0) * ratio
  }));
  const [most] = growth.sort((a2, b2) => b2.ns - a2.ns);
  const span = most?.rank.candidate_timeline?.span_ns ?? 0;
  return most !== void 0 && most.ns >= 0.02 * span && span > 0 ? { kind: "idle", ...most } : null;
};
var AREAS = {
  kernel: "",
  collective: " for communication",
  new: " for new kernels",
  clock: " for the clock",
  idle: " for GPU idle time",
  headline: "",
  none: ""
};
var firstLine = (found, culprit) => {
  const area = culprit.kind === "kernel" ? ` for ${culprit.row.bucket}` : AREAS[culprit.kind];
  const colour = `${found.verdict}${found.verdict === "GREEN" ? "" : area}`;
  const refusal = refusalOf(found);
  if (refusal !== null) return `${colour}: ${refusal}`;
  const parts = [cause(found, culprit), workPart(found.totals.calls_pct, found.headline), headlinePart(found.headline)];
  return `${colour}: ${parts.filter((part) => part !== "").join("; ")}.`;
};
var refusalOf = (found) => {
  if (found.same_capture) return "both sides are the same capture, so nothing can differ.";
  if (found.decision.status !== "INCOMPARABLE") return null;
  const why = found.warnings.find((warning) => warning.startsWith("not comparable: ")) ?? found.decision.reason;
  return `${why}.`;
};
var cause = (found, culprit) => {
  switch (culprit.kind) {
    case "kernel":
      return kernelCause(culprit.row, culprit.rank, culprit.victims, found);
    case "collective":
      return collectiveCause(culprit.row, culprit.detail);
    case "new":
      return `new kernel ${shortened(culprit.rows[0]?.short_name ?? "")}${culprit.rows.length > 1 ? ` and ${culprit.rows.length - 1} more` : ""} add ${formatNanoseconds(culprit.ns)} of GPU time`;
    case "clock":
      return `clock or power changed: compute kernels take ${percent(100 * (found.clock.factor - 1))} longer all alike`;
    case "idle":
      return idleCause(culprit.rank, culprit.ns);
    case "headline":
      return "no single kernel, collective or idle time explains the change";
    case "none":
      return quietCause(found);
  }
};
var quietCause = (found) => {
  const slow = found.adverse.find((entry) => entry.kind === "bucket");
  if (slow !== void 0) return `calls of ${slow.name} kernels take ${percent(slow.pct)} longer together`;
  if (found.clock.applied) {
    const way = found.clock.factor > 1 ? "longer" : "shorter";
    return `no kernel changed by itself; clock or power changed: all take ${percent(100 * (found.clock.factor - 1))} ${way}`;
  }
  const slower = found.kernels.filter((row) => row.change === "slower");
  const [most] = [...slower].sort((a2, b2) => (b2.stratified_pct ?? 0) - (a2.stratified_pct ?? 0));
  if (most === void 0) return "no kernel takes longer per call beyond its threshold";
  const largest = `${shortened(most.short_name)} +${percent(most.stratified_pct)}`;
  return `${slower.length} kernel${slower.length === 1 ? " takes" : "s take"} longer per call, none with 1% of GPU time (most: ${largest})`;
};
var kernelCause = (row, rank, victims, found) => {
  const own = rank === null ? null : row.ranks.find((candidate) => candidate.rank === rank);
  const [before, after] = [own?.baseline ?? row.baseline, own?.candidate ?? row.candidate];
  const pct = own?.per_call_pct ?? row.stratified_pct;
  const others = found.kernels.filter((other) => other.adverse && other !== row && !other.collective).length;
  const more = others === 0 ? "" : ` (and ${others} other kernel${others === 1 ? "" : "s"} slower)`;
  const where = rank === null ? "" : ` on ${rank}`;
  const launch = row.launch?.changed ?? [];
  const changed = launch.length === 0 ? "" : `, its launch changed (${launch.join(", ")})`;
  const renamed = row.class === "paired" ? `, renamed from ${shortened(row.baseline_name ?? "")}` : "";
  const wait = victims === null ? "" : `, and the other ranks wait for it in ${shortened(victims.kernel)}`;
  return `${shortened(row.short_name)}${where} takes ${percent(pct)} longer per call (${perCall(before.mean_ns)} -> ${perCall(after.mean_ns)})${changed}${renamed}${more}${wait}`;
};
var collectiveCause = (row, detail) => {
  const grown = { waiting: "waiting grew, the transfer did not", transfer: "the transfer grew, waiting did not" };
  const why = detail.grew === "cannot_tell" ? "the file cannot tell transfer from waiting" : detail.grew === "both" ? "both transfer and waiting grew" : detail.grew === "neither" ? "neither transfer nor waiting of matched calls grew" : grown[detail.grew];
  return `collective ${shortened(row.short_name)} takes ${percent(row.per_call_pct)} longer per call (${perCall(row.baseline.mean_ns)} -> ${perCall(row.candidate.mean_ns)}): ${why}${lateness(detail)}${movement(row, detail)}`;
};
var lateness = ({ late_rank: { baseline, candidate }, grew }) => {
  if (candidate === null || grew === "transfer" || grew === "cannot_tell") return "";
  return baseline === candidate || baseline === null ? `, ${candidate} comes late` : `, ${candidate} now comes late instead of ${baseline}`;
};
var movement = (row, { moved }) => {
  if (moved === null) return "";
  const change = (rank) => {
    const own = row.ranks.find((candidate) => candidate.rank === rank);
    return `${formatMs(own?.baseline.total_ns)} -> ${formatMs(own?.candidate.total_ns)} ms`;
  };
  return `; its time moved from ${moved.from} (${change(moved.from)}) to ${moved.to} (${change(moved.to)})`;
};
var idleCause = (rank, ns2) => {
  const exposed = (rank.candidate_timeline?.exposed_launch_ns ?? 0) - (rank.baseline_timeline?.exposed_launch_ns ?? 0);
  const launch = exposed > 0.5 * ns2 ? ", most of it waiting for launches" : "";
  return `the GPU of ${rank.rank} is idle ${formatNanoseconds(ns2)} longer for the same work${launch}`;
};
var workPart = (callsPct, headline) => {
  if (callsPct === null || Math.abs(callsPct) < 1) return "";
  const amount = `${Math.abs(callsPct).toFixed(0)}% ${callsPct < 0 ? "fewer" : "more"} kernel calls`;
  return headline.equal_window ? `${amount} were done in the same length of time` : `${amount} are in the capture`;
};
var headlinePart = ({ change_pct: change, metric, baseline_ns: before, candidate_ns: after }) => {
  if (change === null) return "the captures share no unit of work";
  const sign2 = change >= 0 ? "+" : "";
  return `${metric} ${sign2}${change.toFixed(1)}% (${perCall(before)} -> ${perCall(after)})`;
};
var percent = (value) => value === null ? "n/a" : `${Math.abs(value).toFixed(1)}%`;
var perCall = (ns2) => ns2 === null ? "n/a" : formatNanoseconds(ns2);
var formatMs = (ns2) => ((ns2 ?? 0) / 1e6).toFixed(1);
var LONGEST_NAME = 60;
var shortened = (name) => {
  const plain2 = name.replace(/\([^)]*Args[^)]*\)$/, "").replace(/\s+/g, " ");
  return plain2.length <= LONGEST_NAME ? plain2 : `${plain2.slice(0, LONGEST_NAME - 3)}...`;
};
var nextLever = (found, culprit) => {
  const total = found.totals.candidate_ns + found.ranks.reduce((sum, r) => sum + (r.candidate_timeline?.idle_ns ?? 0), 0);
  const lever = (action, ns2, gate) => ({
    action,
    unlock_ns: Math.round(ns2),
    unlock_pct: total > 0 ? 100 * ns2 / total : null,
    gate
  });
  switch (culprit.kind) {
    case "kernel":
      return lever(
        `Look at ${shortened(culprit.row.short_name)}${culprit.rank === null ? "" : ` on ${culprit.rank}`}: profile it with ncu on both builds.`,
        costOf(culprit.row),
        `mean per call at most ${perCall((culprit.row.baseline.mean_ns ?? 0) * 1.05)}`
      );
    case "collective":
      return collectiveLever(culprit.row, culprit.detail, found, lever);
    case "new":
      return lever(
        "Find what brought the new kernels in.",
        culprit.ns,
        "they are gone, or cost less than what they replace"
      );
    case "clock":
      return lever(
        "Compare clocks, power cap and GPU of the two captures before anything else.",
        found.totals.candidate_ns * (1 - 1 / found.clock.factor),
        "the common factor of compute kernels is within 1%"
      );
    case "idle":
      return lever(
        `Look at the host of ${culprit.rank.rank}: launches, synchronisations and input.`,
        culprit.ns,
        `${found.headline.metric} at most ${perCall((found.headline.baseline_ns ?? 0) * 1.05)}`
      );
    case "headline":
    case "none":
      return null;
  }
};
var collectiveLever = (row, detail, found, lever) => {
  const gate = `${shortened(row.short_name)} at most ${perCall((row.baseline.mean_ns ?? 0) * 1.05)} per call`;
  const late = detail.late_rank.candidate;
  const rank = found.ranks.find((candidate) => candidate.rank === late);
  if (detail.grew === "transfer" || late === null || rank === void 0) {
    return lever("Check links, algorithm and message size of the collective.", costOf(row), gate);
  }
  const idle = (rank.candidate_timeline?.idle_ns ?? 0) - (rank.baseline_timeline?.idle_ns ?? 0);
  const host = idle > costOf(row) / 2 ? `: its GPU is idle ${formatNanoseconds(idle)} longer, so look at its host first` : "";
  return lever(`Find out why ${late} comes late${host}.`, costOf(row), gate);
};

// src/stats/multiple-testing.ts
var byRank = (p, adjust) => {
  const order = p.map((value, index) => ({ value, index })).sort((left, right) => left.value - right.value);
  const adjusted = adjust(order.map(({ value }) => value));
  const out = new Array(p.length).fill(1);
  order.forEach(({ index }, rank) => out[index] = adjusted[rank] ?? 1);
  return out;
};
var benjaminiHochberg = (p) => byRank(p, (sorted) => {
  let ceiling = 1;
  const fromTop = sorted.map((_, index) => sorted.length - index);
  const q = fromTop.map((rank) => ceiling = Math.min(ceiling, sorted.length * (sorted[rank - 1] ?? 1) / rank));
  return q.reverse();
});

// src/profile/kernel-names.ts
var CASTS = /\((?:int|unsigned int|long|unsigned long|bool|short|unsigned char|char|float)\)(?=-?\d)/g;
var ORDINALS = /\(instance \d+\)|#\d+/g;
var canonicalName = (name) => name.replace(CASTS, "").replace(ORDINALS, "").replace(/\{lambda|\[lambda/g, "lambda").replace(/\s+/g, "");
var tilelessName = (name) => {
  const short = name.replace(/<[\s\S]*$/, "").replace(/\([\s\S]*$/, "");
  const parts = short.split("_").filter((part) => !/^(?:\d+x\d+(?:x\d+)*|t\d+x\d+x\d+u?\d*|s\d+|et\d.*|m\d+x.*|\d+|stages?\d+|v\d+)$/i.test(part));
  return parts.join("_");
};

// src/profile/kernel-pairs.ts
var TIERS = [
  { key: (kernel) => `${kernel.bucket} ${canonicalName(kernel.name)}`, alike: false },
  { key: (kernel) => `${kernel.bucket} ${kernel.shortName}`, alike: false },
  { key: (kernel) => `${kernel.bucket} ${tilelessName(kernel.shortName)}`, alike: true }
];
var pairKernels = (baseline, candidate, workRatio) => {
  const shared = new Set(baseline.map((kernel) => kernel.name));
  const both = candidate.filter((kernel) => shared.has(kernel.name));
  const pairs = both.map(({ name }) => ({ baseline: name, candidate: name }));
  const common = new Set(both.map((kernel) => kernel.name));
  let removed = baseline.filter((kernel) => !common.has(kernel.name));
  let added = candidate.filter((kernel) => !common.has(kernel.name));
  for (const { key, alike } of TIERS) {
    const found = pairsByKey(removed, added, key, alike ? workRatio : null);
    pairs.push(...found.map(([old, now]) => ({ baseline: old.name, candidate: now.name })));
    removed = removed.filter((kernel) => !found.some(([old]) => old === kernel));
    added = added.filter((kernel) => !found.some(([, now]) => now === kernel));
  }
  return [
    ...pairs,
    ...removed.map(({ name }) => ({ baseline: name, candidate: null })),
    ...added.map(({ name }) => ({ baseline: null, candidate: name }))
  ];
};
var pairsByKey = (removed, added, key, workRatio) => {
  const addedBy = /* @__PURE__ */ new Map();
  for (const kernel of added) addedBy.set(key(kernel), [...addedBy.get(key(kernel)) ?? [], kernel]);
  const options = removed.flatMap(
    (old) => (addedBy.get(key(old)) ?? []).map((now) => ({ old, now, distance: distanceOf(old, now, workRatio ?? 1) }))
  );
  options.sort(
    (a2, b2) => a2.distance - b2.distance || a2.old.name.localeCompare(b2.old.name) || a2.now.name.localeCompare(b2.now.name)
  );
  const taken = /* @__PURE__ */ new Set();
  return options.flatMap(({ old, now, distance }) => {
    if (taken.has(old) || taken.has(now) || workRatio !== null && distance > FAR) return [];
    taken.add(old).add(now);
    return [[old, now]];
  });
};
var FAR = Math.log(4);
var distanceOf = (old, now, workRatio) => {
  const counts = Math.abs(Math.log(now.count / (old.count * workRatio)));
  const means = Math.abs(Math.log(now.totalNs / now.count / (old.totalNs / old.count)));
  return counts + means / 2;
};

// src/profile/rank-shift.ts
var MOST_CALLS = 1e3;
var shiftOf = ({ baseline, candidate }, factor) => {
  if (baseline.length === 0 || candidate.length === 0) return { excess: 0, variance: 0 };
  const [a2, b2] = [thinned(baseline), thinned(candidate)];
  const n = a2.length + b2.length;
  const { excess, ties } = rankExcess(a2, b2, factor);
  const variance = a2.length * b2.length / 12 * (n + 1 - ties / Math.max(1, n * (n - 1)));
  return { excess: excess / (n + 1), variance: variance / (n + 1) ** 2 };
};
var shiftP = (shifts) => {
  const excess = shifts.reduce((sum, shift) => sum + shift.excess, 0);
  const variance = shifts.reduce((sum, shift) => sum + shift.variance, 0);
  return variance <= 0 ? null : Math.min(1, 2 * normalCdf(-Math.abs(excess) / Math.sqrt(variance)));
};
var thinned = (sorted) => {
  if (sorted.length <= MOST_CALLS) return sorted;
  const step = sorted.length / MOST_CALLS;
  return Float64Array.from({ length: MOST_CALLS }, (_, i) => sorted[Math.floor((i + 0.5) * step)] ?? 0);
};
var rankExcess = (a2, b2, factor) => {
  let u = 0;
  let ties = 0;
  let i = 0;
  let j = 0;
  while (i < a2.length || j < b2.length) {
    const left = i < a2.length ? Math.round((a2[i] ?? 0) * factor) : Infinity;
    const right = j < b2.length ? b2[j] ?? 0 : Infinity;
    const value = Math.min(left, right);
    const [fromA, fromB] = [i, j];
    while (i < a2.length && Math.round((a2[i] ?? 0) * factor) === value) i++;
    while (j < b2.length && (b2[j] ?? 0) === value) j++;
    const [inA, inB] = [i - fromA, j - fromB];
    u += inB * (fromA + inA / 2);
    const tied = inA + inB;
    ties += tied ** 3 - tied;
  }
  return { excess: u - a2.length * b2.length / 2, ties };
};

// src/profile/diff-kernels.ts
var compareKernels = (baseline, candidate, clock, workRatio) => {
  const pairs = pairKernels(namedKernels(baseline), namedKernels(candidate), workRatio);
  const totals = { before: sumOf(baseline.all).totalNs, after: sumOf(candidate.all).totalNs };
  const drafts = pairs.flatMap((pair) => draftRow(pair, baseline, candidate, clock, totals) ?? []);
  return withQ(drafts).sort((a2, b2) => Math.abs(b2.delta_ns) - Math.abs(a2.delta_ns) || a2.name.localeCompare(b2.name));
};
var namedKernels = (side2) => [...side2.byKernel].map(([name, cells]) => {
  const { count: count2, totalNs } = sumOf(cells);
  const kernel = cells[0]?.kernel;
  return { name, shortName: kernel?.shortName ?? name, bucket: kernel?.bucket ?? "other", count: count2, totalNs };
});
var draftRow = (pair, baseline, candidate, clock, totals) => {
  const before = baseline.byKernel.get(pair.baseline ?? "") ?? [];
  const after = candidate.byKernel.get(pair.candidate ?? "") ?? [];
  const kernel = after[0]?.kernel ?? before[0]?.kernel;
  if (kernel === void 0) return null;
  const factor = clock.applied && !kernel.collective ? clock.factor : 1;
  const share = Math.max(shareOf(before, totals.before), shareOf(after, totals.after));
  const ranks = rankRows(before, after, factor);
  const shifts = ranks.flatMap((rank) => rank.shifts);
  return {
    row: kernelRow(
      pair,
      kernel,
      before,
      after,
      factor,
      share,
      ranks.map(({ row }) => row)
    ),
    p: shiftP(shifts.length > 0 ? shifts : shiftsOf(before, after, factor)),
    rankP: ranks.map((rank) => shiftP(rank.shifts))
  };
};
var shareOf = (cells, total) => total === 0 ? 0 : sumOf(cells).totalNs / total;
var kernelRow = (pair, kernel, before, after, factor, share, ranks) => {
  const [was, is] = [sumOf(before), sumOf(after)];
  const effects2 = effectsOf(was, is);
  const stratified = stratifiedEffect(before, after, factor);
  return {
    name: kernel.name,
    short_name: kernel.shortName,
    bucket: kernel.bucket,
    category: kernel.category,
    collective: kernel.collective,
    class: classOf(pair),
    baseline_name: pair.baseline !== null && pair.baseline !== kernel.name ? pair.baseline : null,
    baseline: distributionRow(before),
    candidate: distributionRow(after),
    ...effects2,
    per_call_pct: perCallPercent(was, is),
    stratified_pct: stratified?.pct ?? null,
    stratified_effect_ns: stratified?.ns ?? null,
    mix_effect_ns: stratified === null ? null : effects2.per_call_effect_ns - stratified.rawNs,
    q: null,
    share_pct: 100 * share,
    launch: launchOf(before, after),
    change: "none",
    adverse: false,
    improved: false,
    slowest_start_ns: slowestStart(after),
    ranks
  };
};
var classOf = ({ baseline, candidate }) => {
  if (baseline === null) return "new";
  if (candidate === null) return "removed";
  return baseline === candidate ? "both" : "paired";
};
var commonStrata = (before, after) => {
  for (const key of [(cell) => `${cell.rank} ${cell.stratum}`, (cell) => cell.stratum]) {
    const others = cellsBy(after, key);
    const common = [...cellsBy(before, key)].flatMap(([stratum, was]) => {
      const is = others.get(stratum);
      return is === void 0 ? [] : [{ was, is }];
    });
    if (common.length > 0) return common;
  }
  return before.length === 0 || after.length === 0 ? [] : [{ was: [...before], is: [...after] }];
};
var stratifiedEffect = (before, after, factor) => {
  let [ns2, rawNs, expected] = [0, 0, 0];
  for (const { was, is } of commonStrata(before, after)) {
    const [old, now] = [sumOf(was), sumOf(is)];
    if (old.count === 0 || now.count === 0) continue;
    const mean2 = old.totalNs / old.count;
    ns2 += now.totalNs - now.count * mean2 * factor;
    rawNs += now.totalNs - now.count * mean2;
    expected += now.count * mean2 * factor;
  }
  return expected === 0 ? null : { ns: ns2, pct: 100 * ns2 / expected, rawNs };
};
var shiftsOf = (before, after, factor) => commonStrata(before, after).flatMap(({ was, is }) => {
  const [baseline, candidate] = [callsOfAll(was), callsOfAll(is)];
  return baseline === null || candidate === null ? [] : [shiftOf({ baseline, candidate }, factor)];
});
var callsOfAll = (cells) => {
  const [only] = cells;
  if (only === void 0) return null;
  if (cells.length === 1) return only.calls;
  const all = new Float64Array(cells.reduce((sum, cell) => sum + cell.calls.length, 0));
  let at = 0;
  for (const cell of cells) {
    all.set(cell.calls, at);
    at += cell.calls.length;
  }
  return all.sort();
};
var rankRows = (before, after, factor) => {
  const [was, is] = [cellsBy(before, rankOf), cellsBy(after, rankOf)];
  const ranks = [.../* @__PURE__ */ new Set([...was.keys(), ...is.keys()])].sort((a2, b2) => a2.localeCompare(b2, "en", { numeric: true }));
  return ranks.map((rank) => {
    const [old, now] = [was.get(rank) ?? [], is.get(rank) ?? []];
    const stratified = stratifiedEffect(old, now, factor);
    const row = {
      rank,
      baseline: distributionRow(old),
      candidate: distributionRow(now),
      ...effectsOf(sumOf(old), sumOf(now)),
      per_call_pct: stratified?.pct ?? null,
      q: null,
      adverse: false
    };
    return { row, shifts: shiftsOf(old, now, factor) };
  });
};
var rankOf = (cell) => cell.rank;
var withQ = (drafts) => {
  const tests = drafts.flatMap(({ p, rankP }) => [p, ...rankP]).filter((p) => p !== null);
  const adjusted = benjaminiHochberg(tests);
  let next = 0;
  const qOf = (p) => p === null ? null : adjusted[next++] ?? null;
  return drafts.map(({ row, p, rankP }) => {
    const q = qOf(p);
    return { ...row, q, ranks: row.ranks.map((rank, i) => ({ ...rank, q: qOf(rankP[i] ?? null) })) };
  });
};
var launchOf = (before, after) => {
  const [baseline, candidate] = [dominantLaunch(before), dominantLaunch(after)];
  if (baseline === null && candidate === null) return null;
  const changed = [];
  if (baseline !== null && candidate !== null) {
    if (baseline.grid.join() !== candidate.grid.join()) changed.push("grid");
    if (baseline.block.join() !== candidate.block.join()) changed.push("block");
    if (baseline.registers_per_thread !== candidate.registers_per_thread) changed.push("registers");
    const shared = (launch) => `${launch.static_shared_bytes} ${launch.dynamic_shared_bytes}`;
    if (shared(baseline) !== shared(candidate)) changed.push("shared_memory");
  }
  return { baseline, candidate, changed };
};
var dominantLaunch = (cells) => {
  const groups = [
    ...cellsBy(
      cells.filter((cell) => cell.config !== null),
      (cell) => configText(cell.config)
    ).values()
  ];
  const byTime = groups.map((group) => ({ config: group[0]?.config, totalNs: sumOf(group).totalNs }));
  const [first] = byTime.sort((a2, b2) => b2.totalNs - a2.totalNs);
  if (first?.config == null) return null;
  return {
    grid: [...first.config.grid],
    block: [...first.config.block],
    registers_per_thread: first.config.registers,
    static_shared_bytes: first.config.staticSharedBytes,
    dynamic_shared_bytes: first.config.dynamicSharedBytes,
    time_share: first.totalNs / Math.max(1, sumOf(cells).totalNs),
    distinct: groups.length
  };
};
var slowestStart = (cells) => {
  const longest = (cell) => cell.calls.at(-1) ?? cell.group.given?.maxNs ?? 0;
  const slowest = cells.reduce((a2, b2) => a2 === null || longest(b2) > longest(a2) ? b2 : a2, null);
  return slowest?.group.slowestStartNs ?? null;
};

// src/profile/diff-tables.ts
var byChange = (rows, name) => rows.sort((a2, b2) => Math.abs(b2.delta_ns) - Math.abs(a2.delta_ns) || name(a2).localeCompare(name(b2)));
var union = (a2, b2) => [
  .../* @__PURE__ */ new Set([...a2.keys(), ...b2.keys()])
];
var diffNamed = (baseline, candidate, pick) => {
  const [before, after] = [summed(baseline.flatMap(pick)), summed(candidate.flatMap(pick))];
  const rows = union(before, after).map((name) => {
    const [was, is] = [before.get(name) ?? NOTHING, after.get(name) ?? NOTHING];
    return {
      name,
      baseline: { calls: was.count, total_ns: was.totalNs },
      candidate: { calls: is.count, total_ns: is.totalNs },
      ...effectsOf(was, is)
    };
  });
  return byChange(rows, (row) => row.name);
};
var NOTHING = { count: 0, totalNs: 0 };
var summed = (items) => {
  const sums = /* @__PURE__ */ new Map();
  for (const { name, count: count2, totalNs } of items) {
    const sum = sums.get(name) ?? NOTHING;
    sums.set(name, { count: sum.count + count2, totalNs: sum.totalNs + totalNs });
  }
  return sums;
};
var NO_COPY = { count: 0, bytes: 0, totalNs: 0 };
var diffCopies = (baseline, candidate) => {
  const [before, after] = [copySums(baseline), copySums(candidate)];
  const rows = union(before, after).map((kind) => {
    const [was, is] = [before.get(kind) ?? NO_COPY, after.get(kind) ?? NO_COPY];
    return { kind, baseline: copySide(was), candidate: copySide(is), ...effectsOf(was, is) };
  });
  return byChange(rows, (row) => row.kind);
};
var copySums = (captures) => {
  const sums = /* @__PURE__ */ new Map();
  const add2 = (kind, more) => {
    const sum = sums.get(kind) ?? NO_COPY;
    sums.set(kind, {
      count: sum.count + more.count,
      bytes: sum.bytes + more.bytes,
      totalNs: sum.totalNs + more.totalNs
    });
  };
  for (const capture of captures) {
    for (const copy of capture.copies) add2(copy.kind, copy);
    for (const set of capture.sets) add2("Memset", set);
  }
  return sums;
};
var copySide = ({ count: count2, bytes, totalNs }) => ({
  calls: count2,
  bytes,
  total_ns: totalNs,
  gb_per_s: totalNs > 0 && bytes > 0 ? bytes / totalNs : null
});
var diffRanges = (baseline, candidate) => {
  const [before, after] = [rangeSums(baseline), rangeSums(candidate)];
  const rows = union(before, after).map((key) => {
    const known2 = before.get(key) ?? after.get(key);
    const domain = known2?.domain ?? 0;
    const name = known2?.name ?? "";
    const [was, is] = [before.get(key) ?? emptyRange(domain, name), after.get(key) ?? emptyRange(domain, name)];
    const gpuDelta = was.gpuNs === null || is.gpuNs === null ? null : is.gpuNs - was.gpuNs;
    return {
      domain,
      name,
      baseline: rangeSide(was),
      candidate: rangeSide(is),
      ...effectsOf(was, is),
      gpu_delta_ns: gpuDelta
    };
  });
  return byChange(rows, (row) => row.name);
};
var emptyRange = (domain, name) => ({
  domain,
  name,
  count: 0,
  totalNs: 0,
  selfNs: 0,
  gpuNs: 0,
  gpuSelfNs: 0,
  kernels: 0,
  kernelsSelf: 0
});
var rangeSums = (captures) => {
  const sums = /* @__PURE__ */ new Map();
  const plus = (a2, b2) => a2 === null || b2 === null ? null : a2 + b2;
  for (const range of captures.flatMap((capture) => capture.ranges)) {
    const key = `${range.domain} ${range.name}`;
    const sum = sums.get(key) ?? emptyRange(range.domain, range.name);
    sums.set(key, {
      ...sum,
      count: sum.count + range.count,
      totalNs: sum.totalNs + range.totalNs,
      selfNs: sum.selfNs + range.selfNs,
      gpuNs: plus(sum.gpuNs, range.gpuNs),
      gpuSelfNs: plus(sum.gpuSelfNs, range.gpuSelfNs),
      kernels: plus(sum.kernels, range.kernels),
      kernelsSelf: plus(sum.kernelsSelf, range.kernelsSelf)
    });
  }
  return sums;
};
var rangeSide = (range) => ({
  calls: range.count,
  total_ns: range.totalNs,
  self_ns: range.selfNs,
  gpu_ns: range.gpuNs,
  gpu_self_ns: range.gpuSelfNs,
  kernels: range.kernels
});
var diffGraphs = (captures) => {
  const graphs = captures.flatMap((capture) => capture.graphs);
  return {
    calls: graphs.reduce((sum, graph) => sum + graph.count, 0),
    total_ns: graphs.reduce((sum, graph) => sum + graph.totalNs, 0)
  };
};

// src/profile/diff-work.ts
var HEADLINE_THRESHOLD = 5;
var SAME_WINDOW = 0.02;
var headlineOf = (baseline, candidate, cells, work) => {
  const { metric, basis, unit, baseline: before, candidate: after } = measureOf(baseline, candidate, cells, work);
  const change = percentOf(before?.nsPerUnit ?? null, after?.nsPerUnit ?? null);
  const spans = [meanSpan(baseline), meanSpan(candidate)];
  return {
    metric,
    basis,
    unit,
    baseline_units: before?.units ?? null,
    candidate_units: after?.units ?? null,
    baseline_ns: before?.nsPerUnit ?? null,
    candidate_ns: after?.nsPerUnit ?? null,
    change_pct: change,
    threshold_pct: HEADLINE_THRESHOLD,
    adverse: change !== null && change >= HEADLINE_THRESHOLD,
    work_ratio: before === null || after === null ? null : after.units / before.units,
    equal_window: spans[0] > 0 && Math.abs(spans[1] / spans[0] - 1) <= SAME_WINDOW
  };
};
var measureOf = (baseline, candidate, cells, work) => {
  if (work !== null) {
    const per = (captures, units) => unitOf(units, meanSpan(captures) * captures.length);
    return {
      metric: `time per ${work.unit}`,
      basis: "work",
      unit: work.unit,
      baseline: per(baseline, work.baseline),
      candidate: per(candidate, work.candidate)
    };
  }
  const [before, after] = [stepUnit(baseline), stepUnit(candidate)];
  if (before !== null && after !== null) {
    return { metric: "time per step", basis: "step", unit: "step", baseline: before, candidate: after };
  }
  const dominant = dominantKernel(cells.baseline, cells.candidate);
  if (dominant === null)
    return { metric: "time per unit of work", basis: "none", unit: "", baseline: null, candidate: null };
  return {
    metric: `time per ${dominant.shortName} call`,
    basis: "dominant_kernel",
    unit: `${dominant.shortName} call`,
    baseline: callUnit(baseline, cells.baseline, dominant.name),
    candidate: callUnit(candidate, cells.candidate, dominant.name)
  };
};
var unitOf = (units, ns2) => units > 0 && ns2 > 0 ? { units, nsPerUnit: ns2 / units } : null;
var meanSpan = (captures) => {
  const spans = captures.flatMap((capture) => capture.timelines.map((timeline2) => timeline2.spanNs));
  return spans.length === 0 ? 0 : spans.reduce((sum, span) => sum + span, 0) / spans.length;
};
var rankCount = (captures) => captures.reduce((sum, capture) => sum + capture.timelines.length, 0);
var stepUnit = (captures) => {
  if (captures.length === 0 || captures.some((capture) => capture.steps.length < 2)) return null;
  const steps = captures.flatMap((capture) => capture.steps);
  const totalNs = steps.reduce((sum, step) => sum + step.endNs - step.startNs, 0);
  const ranks = captures.reduce((sum, capture) => sum + new Set(capture.steps.map((step) => step.rank)).size, 0);
  return totalNs > 0 ? { units: steps.length / ranks * captures.length, nsPerUnit: totalNs / steps.length } : null;
};
var callUnit = (captures, cells, kernel) => {
  const ranks = rankCount(captures);
  if (ranks === 0) return null;
  const calls = sumOf(cells.byKernel.get(kernel) ?? []).count;
  return unitOf(calls / ranks * captures.length, meanSpan(captures) * captures.length);
};
var dominantKernel = (baseline, candidate) => {
  let best = null;
  for (const [name, cells] of baseline.byKernel) {
    const kernel = cells[0]?.kernel;
    if (kernel === void 0 || kernel.collective || !candidate.byKernel.has(name)) continue;
    const { totalNs } = sumOf(cells);
    if (best === null || totalNs > best.totalNs) best = { kernel, totalNs };
  }
  return best === null ? null : { name: best.kernel.name, shortName: best.kernel.shortName };
};
var stepEffect = (baseline, candidate, headline, kernels, collectives, clock) => {
  const before = shares(baseline, headline.baseline_units, headline.baseline_ns);
  const after = shares(candidate, headline.candidate_units, headline.candidate_ns);
  if (before === null || after === null) return null;
  const change = after.perUnit - before.perUnit;
  const compute = computeParts(kernels, clock, before.divisor, after.divisor);
  const waits = collectiveParts(kernels, collectives, after.divisor);
  const concurrency = after.concurrency - before.concurrency;
  const copies = after.copies - before.copies;
  const exposed = before.exposed === null || after.exposed === null ? null : after.exposed - before.exposed;
  const known2 = compute.work + compute.clock + compute.kernel + waits.transfer + waits.waiting + waits.unknown + concurrency + copies;
  return {
    change_ns: change,
    work_ns: compute.work,
    clock_ns: compute.clock,
    kernel_ns: compute.kernel,
    transfer_ns: waits.told ? waits.transfer : null,
    waiting_ns: waits.told ? waits.waiting : null,
    collective_ns: waits.unknown,
    concurrency_ns: concurrency,
    copies_ns: copies,
    exposed_launch_ns: exposed,
    residual_ns: change - known2 - (exposed ?? 0)
  };
};
var shares = (captures, units, perUnit) => {
  const timelines = captures.flatMap((capture) => capture.timelines);
  if (units === null || perUnit === null || timelines.length === 0 || captures.length === 0) return null;
  const divisor = units / captures.length * timelines.length;
  const total = (pick) => timelines.reduce((sum, t) => sum + pick(t), 0);
  const kernelSum = captures.flatMap((capture) => capture.groups).reduce((sum, group) => sum + group.totalNs, 0);
  const exposed = timelines.some((timeline2) => timeline2.exposedLaunchNs === null) ? null : total((timeline2) => timeline2.exposedLaunchNs ?? 0) / divisor;
  return {
    divisor,
    perUnit,
    concurrency: (total((timeline2) => timeline2.kernelBusyNs) - kernelSum) / divisor,
    copies: total((timeline2) => timeline2.busyNs - timeline2.kernelBusyNs) / divisor,
    exposed
  };
};
var computeParts = (kernels, clock, unitsBefore, unitsAfter) => {
  let [work, clockNs, kernel] = [0, 0, 0];
  const factor = clock.applied ? clock.factor : 1;
  for (const row of kernels) {
    const mean2 = row.baseline.mean_ns ?? row.candidate.mean_ns ?? 0;
    work += (row.candidate.calls / unitsAfter - row.baseline.calls / unitsBefore) * mean2;
    if (row.collective || row.class === "new" || row.class === "removed") continue;
    const expected = row.candidate.calls * mean2 * (factor - 1) / unitsAfter;
    clockNs += expected;
    kernel += (row.candidate.total_ns - row.candidate.calls * mean2) / unitsAfter - expected;
  }
  return { work, clock: clockNs, kernel };
};
var collectiveParts = (kernels, collectives, unitsAfter) => {
  let [transfer, waiting, unknown, told] = [0, 0, 0, false];
  for (const row of collectives) {
    const kernel = kernels.find((candidate) => candidate.name === row.kernel);
    if (kernel === void 0 || kernel.class === "new" || kernel.class === "removed") continue;
    const grown = (kernel.candidate.total_ns - kernel.candidate.calls * (kernel.baseline.mean_ns ?? 0)) / unitsAfter;
    const pair = row.waiting_per_call_ns;
    if (row.grew === "cannot_tell" || pair.baseline === null || pair.candidate === null) {
      unknown += grown;
      continue;
    }
    const waited = (pair.candidate - pair.baseline) * kernel.candidate.calls / unitsAfter;
    waiting += waited;
    transfer += grown - waited;
    told = true;
  }
  return { transfer, waiting, unknown, told };
};

// src/profile/diff.ts
var diffProfiles = (baseline, candidate, options = {}) => {
  const labels = { baseline: options.baselineLabel ?? "baseline", candidate: options.candidateLabel ?? "candidate" };
  const rule = { ...DEFAULT_RULE, thresholds: options.thresholds ?? {} };
  const cells = { baseline: cellsOf(baseline), candidate: cellsOf(candidate) };
  const clock = clockFactor(cells.baseline, cells.candidate);
  const headline = headlineOf(baseline, candidate, cells, options.work ?? null);
  const kernels = judgeKernels(compareKernels(cells.baseline, cells.candidate, clock, headline.work_ratio ?? 1), rule);
  const buckets = judgeBuckets(bucketRows(kernels, cells, rule), rule);
  const collectives = diffCollectives(kernels, matchCollectives(baseline), matchCollectives(candidate));
  const checks = comparability(baseline, candidate, labels);
  const comparable = checks.refusals.length === 0;
  const adverse = comparable && !checks.sameCapture ? adverseList(headline, kernels, buckets) : [];
  const totals = totalsOf(kernels);
  const found = {
    schema: "profile_diff",
    schema_version: 1,
    verdict: comparable ? colourOf(adverse) : "YELLOW",
    decision: comparable ? decisionFor(headline, baseline, candidate, options) : incomparable(checks.refusals[0] ?? ""),
    same_capture: checks.sameCapture,
    warnings: [
      ...checks.refusals.map((refusal) => `not comparable: ${refusal}`),
      ...checks.warnings,
      ...overlapWarnings(kernels, totals.baseline_ns, totals.candidate_ns)
    ],
    baseline: sideRow(baseline, labels.baseline),
    candidate: sideRow(candidate, labels.candidate),
    headline: comparable ? headline : { ...headline, adverse: false },
    totals,
    clock: { factor: clock.factor, agreement: clock.agreement, applied: clock.applied },
    step: comparable ? stepEffect(baseline, candidate, headline, kernels, collectives, clock) : null,
    adverse,
    kernels,
    buckets,
    ranks: rankRows2(baseline, candidate, cells),
    collectives,
    copies: diffCopies(baseline, candidate),
    ranges: diffRanges(baseline, candidate),
    api: diffNamed(
      baseline,
      candidate,
      (side2) => side2.apis.map(({ name, count: count2, totalNs }) => ({ name, count: count2, totalNs }))
    ),
    waits: diffNamed(
      baseline,
      candidate,
      (side2) => side2.waits.map(({ type, count: count2, totalNs }) => ({ name: type, count: count2, totalNs }))
    ),
    graphs: { baseline: diffGraphs(baseline), candidate: diffGraphs(candidate) }
  };
  const culprit = findCulprit(found);
  const silent = !comparable || checks.sameCapture;
  return { ...found, first_line: firstLine(found, culprit), next_lever: silent ? null : nextLever(found, culprit) };
};
var incomparable = (reason) => ({
  status: "INCOMPARABLE",
  strength: null,
  basis: "capture",
  reason,
  trials_needed: null,
  mde: null
});
var decisionFor = (headline, baseline, candidate, options) => {
  if (baseline.length < 2 || candidate.length < 2 || options.work !== void 0) return decisionOf(headline, [], []);
  const values = baseline.map((side2) => ownHeadline(side2, candidate[0] ?? side2).baseline_ns);
  const others = candidate.map((side2) => ownHeadline(baseline[0] ?? side2, side2).candidate_ns);
  return decisionOf(headline, values, others);
};
var ownHeadline = (before, after) => headlineOf([before], [after], { baseline: cellsOf([before]), candidate: cellsOf([after]) }, null);
var totalsOf = (kernels) => {
  const sum = (pick) => kernels.reduce((total, row) => total + pick(row), 0);
  const [before, after] = [sum((row) => row.baseline.total_ns), sum((row) => row.candidate.total_ns)];
  const [callsBefore, callsAfter] = [sum((row) => row.baseline.calls), sum((row) => row.candidate.calls)];
  const countEffect2 = Math.round(sum(exactCountEffect));
  return {
    baseline_ns: before,
    candidate_ns: after,
    baseline_calls: callsBefore,
    candidate_calls: callsAfter,
    calls_pct: callsBefore === 0 ? null : 100 * (callsAfter / callsBefore - 1),
    delta_ns: after - before,
    count_effect_ns: countEffect2,
    per_call_effect_ns: after - before - countEffect2
  };
};
var exactCountEffect = (row) => (row.candidate.calls - row.baseline.calls) * (row.baseline.mean_ns ?? row.candidate.mean_ns ?? 0);
var bucketRows = (kernels, cells, rule) => {
  const totals = [sumOf(cells.baseline.all).totalNs, sumOf(cells.candidate.all).totalNs];
  const [before, after] = [cellsBy(cells.baseline.all, bucketOf), cellsBy(cells.candidate.all, bucketOf)];
  const buckets = [...new Set(kernels.map((row) => row.bucket))];
  const rows = buckets.map((bucket) => {
    const [was, is] = [before.get(bucket) ?? [], after.get(bucket) ?? []];
    const [old, now] = [sumOf(was), sumOf(is)];
    const own = kernels.filter((row) => row.bucket === bucket);
    const both = own.filter((row) => row.class === "both" || row.class === "paired");
    const expected = both.reduce((sum, row) => sum + row.candidate.calls * (row.baseline.mean_ns ?? 0), 0);
    const actual = both.reduce((sum, row) => sum + row.candidate.total_ns, 0);
    const countEffect2 = Math.round(own.reduce((sum, row) => sum + exactCountEffect(row), 0));
    return {
      bucket,
      baseline: distributionRow(was),
      candidate: distributionRow(is),
      delta_ns: now.totalNs - old.totalNs,
      count_effect_ns: countEffect2,
      per_call_effect_ns: now.totalNs - old.totalNs - countEffect2,
      per_call_pct: expected === 0 ? null : 100 * (actual / expected - 1),
      share_pct: 100 * Math.max(old.totalNs / Math.max(1, totals[0]), now.totalNs / Math.max(1, totals[1])),
      threshold_pct: thresholdOf(rule, bucket),
      adverse: false
    };
  });
  return rows.sort((a2, b2) => b2.candidate.total_ns - a2.candidate.total_ns || a2.bucket.localeCompare(b2.bucket));
};
var bucketOf = (cell) => cell.kernel.bucket;
var rankRows2 = (baseline, candidate, cells) => {
  const [before, after] = [cellsBy(cells.baseline.all, rankOf2), cellsBy(cells.candidate.all, rankOf2)];
  const labels = [...baseline, ...candidate].flatMap((side2) => side2.ranks.map((rank) => rank.label));
  const names = [...new Set(labels)].sort((a2, b2) => a2.localeCompare(b2, "en", { numeric: true }));
  return names.map((rank) => {
    const [was, is] = [before.get(rank) ?? [], after.get(rank) ?? []];
    const gpu = [...candidate, ...baseline].flatMap((side2) => side2.ranks).find((entry) => entry.label === rank)?.gpuName;
    return {
      rank,
      gpu: gpu ?? null,
      baseline: distributionRow(was),
      candidate: distributionRow(is),
      ...effectsOf(sumOf(was), sumOf(is)),
      baseline_timeline: timelineRow(baseline, rank),
      candidate_timeline: timelineRow(candidate, rank)
    };
  });
};
var rankOf2 = (cell) => cell.rank;
var timelineRow = (captures, label) => {
  const own = captures.flatMap(
    (side2) => side2.timelines.filter((timeline2) => side2.ranks[timeline2.rank]?.label === label)
  );
  if (own.length === 0) return null;
  const sum = (pick) => own.reduce((total, timeline2) => total + pick(timeline2), 0);
  return {
    kernel_span_ns: sum((timeline2) => timeline2.kernelSpanNs),
    kernel_busy_ns: sum((timeline2) => timeline2.kernelBusyNs),
    kernel_idle_ns: sum((timeline2) => timeline2.kernelIdleNs),
    compute_only_ns: sum((timeline2) => timeline2.computeOnlyNs),
    communication_only_ns: sum((timeline2) => timeline2.communicationOnlyNs),
    overlap_ns: sum((timeline2) => timeline2.overlapNs),
    span_ns: sum((timeline2) => timeline2.spanNs),
    busy_ns: sum((timeline2) => timeline2.busyNs),
    idle_ns: sum((timeline2) => timeline2.idleNs),
    exposed_launch_ns: own.some((timeline2) => timeline2.exposedLaunchNs === null) ? null : sum((timeline2) => timeline2.exposedLaunchNs ?? 0)
  };
};
var sideRow = (captures, label) => {
  const [first] = captures;
  const groups = captures.flatMap((capture) => capture.groups);
  return {
    label,
    captures: captures.length,
    formats: [...new Set(captures.map((capture) => capture.format))],
    sources: captures.flatMap((capture) => capture.sources),
    ranks: (first?.ranks ?? []).map((rank) => ({
      rank: rank.label,
      host: rank.host,
      pid: rank.pid,
      device: rank.device,
      gpu_uuid: rank.gpuUuid,
      gpu: rank.gpuName
    })),
    product: first?.facts.product ?? null,
    schema: first?.facts.schema ?? null,
    driver: first?.facts.driver ?? null,
    graph_mode: first?.facts.graphMode ?? "unknown",
    kernel_calls: groups.reduce((sum, group) => sum + group.count, 0),
    kernel_names: new Set(captures.flatMap((capture) => capture.kernels.map((kernel) => kernel.name))).size,
    kernel_total_ns: groups.reduce((sum, group) => sum + group.totalNs, 0),
    content_id: first?.facts.contentId ?? ""
  };
};

// src/profile/diff-schema.ts
import { z as z2 } from "zod";
var ns = z2.number();
var count = z2.int().nonnegative();
var maybe = z2.number().nullable();
var distribution = z2.strictObject({
  calls: count,
  total_ns: ns,
  mean_ns: maybe,
  median_ns: maybe,
  p95_ns: maybe,
  std_ns: maybe
});
var effects = {
  delta_ns: ns,
  count_effect_ns: ns,
  per_call_effect_ns: ns
};
var launchConfig = z2.strictObject({
  grid: z2.tuple([z2.number(), z2.number(), z2.number()]),
  block: z2.tuple([z2.number(), z2.number(), z2.number()]),
  registers_per_thread: maybe,
  static_shared_bytes: maybe,
  dynamic_shared_bytes: maybe,
  /** Share of the kernel's time that ran with it. */
  time_share: z2.number(),
  /** Different launch configurations of the kernel on this side. */
  distinct: count
});
var rankKernel = z2.strictObject({
  rank: z2.string(),
  baseline: distribution,
  candidate: distribution,
  ...effects,
  per_call_pct: maybe,
  q: maybe,
  adverse: z2.boolean()
});
var kernelRowSchema = z2.strictObject({
  name: z2.string(),
  short_name: z2.string(),
  bucket: z2.enum(BUCKETS),
  category: z2.enum(CATEGORIES),
  collective: z2.boolean(),
  /** `paired`: the kernel was renamed or re-tiled; `baseline_name` is what it was called. */
  class: z2.enum(["both", "paired", "new", "removed"]),
  baseline_name: z2.string().nullable(),
  baseline: distribution,
  candidate: distribution,
  ...effects,
  /** Change of the mean duration of a call. */
  per_call_pct: maybe,
  /** The same within equal launch configurations and step types, with the common clock factor taken out. */
  stratified_pct: maybe,
  stratified_effect_ns: maybe,
  /** What a changed mix of launch configurations and step types did to the mean. */
  mix_effect_ns: maybe,
  /** Benjamini-Hochberg q of a stratified rank-sum test; null where single calls are unknown. */
  q: maybe,
  /** Share of all kernel time, the larger of the two sides. */
  share_pct: z2.number(),
  launch: z2.strictObject({
    baseline: launchConfig.nullable(),
    candidate: launchConfig.nullable(),
    changed: z2.array(z2.enum(["grid", "block", "registers", "shared_memory"]))
  }).nullable(),
  /** Beyond the threshold and q at most 0.05, however little GPU time the kernel has. */
  change: z2.enum(["slower", "faster", "none", "untested"]),
  /** Slower, and with enough GPU time to matter. */
  adverse: z2.boolean(),
  improved: z2.boolean(),
  /** Slowest call of the candidate, on the clock of its capture. */
  slowest_start_ns: maybe,
  ranks: z2.array(rankKernel)
});
var bucketRow = z2.strictObject({
  bucket: z2.enum(BUCKETS),
  baseline: distribution,
  candidate: distribution,
  ...effects,
  per_call_pct: maybe,
  share_pct: z2.number(),
  threshold_pct: z2.number(),
  adverse: z2.boolean()
});
var timeline = z2.strictObject({
  kernel_span_ns: ns,
  kernel_busy_ns: ns,
  kernel_idle_ns: ns,
  compute_only_ns: ns,
  communication_only_ns: ns,
  overlap_ns: ns,
  span_ns: ns,
  busy_ns: ns,
  idle_ns: ns,
  exposed_launch_ns: maybe
});
var rankRow = z2.strictObject({
  rank: z2.string(),
  gpu: z2.string().nullable(),
  baseline: distribution,
  candidate: distribution,
  ...effects,
  baseline_timeline: timeline.nullable(),
  candidate_timeline: timeline.nullable()
});
var collectiveSide = z2.strictObject({
  /** Calls that were matched over ranks, as sets of one call per rank. */
  sets: count,
  matched_calls: count,
  unmatched_calls: count,
  /** Shortest duration of each set, times the ranks in it. */
  transfer_ns: ns,
  /** The rest: ranks that arrived earlier and waited. */
  waiting_ns: ns,
  waited_by_rank_ns: z2.record(z2.string(), z2.number()),
  /** Waiting charged to the rank that arrived last. */
  caused_by_rank_ns: z2.record(z2.string(), z2.number())
});
var collectiveRow2 = z2.strictObject({
  kernel: z2.string(),
  baseline: collectiveSide,
  candidate: collectiveSide,
  transfer_per_call_ns: z2.strictObject({ baseline: maybe, candidate: maybe }),
  waiting_per_call_ns: z2.strictObject({ baseline: maybe, candidate: maybe }),
  /** What made a call longer: `cannot_tell` where the file does not hold the other ranks. */
  grew: z2.enum(["waiting", "transfer", "both", "neither", "cannot_tell"]),
  /** Rank that others waited for, on each side. */
  late_rank: z2.strictObject({ baseline: z2.string().nullable(), candidate: z2.string().nullable() }),
  moved: z2.strictObject({ from: z2.string(), to: z2.string() }).nullable()
});
var effectOfStep = z2.strictObject({
  /** Change of the time of one unit of work on one rank, and what it is made of; the parts and the residual add up to it. */
  change_ns: ns,
  work_ns: ns,
  clock_ns: ns,
  kernel_ns: ns,
  transfer_ns: maybe,
  waiting_ns: maybe,
  /** Collectives whose transfer and waiting cannot be told apart. */
  collective_ns: ns,
  /** Kernels that ran beside others: negative where more of their time overlapped. */
  concurrency_ns: ns,
  copies_ns: ns,
  exposed_launch_ns: maybe,
  residual_ns: ns
});
var simpleRow = z2.strictObject({
  name: z2.string(),
  baseline: z2.strictObject({ calls: count, total_ns: ns }),
  candidate: z2.strictObject({ calls: count, total_ns: ns }),
  ...effects
});
var copyRow = z2.strictObject({
  kind: z2.string(),
  baseline: z2.strictObject({ calls: count, bytes: z2.number(), total_ns: ns, gb_per_s: maybe }),
  candidate: z2.strictObject({ calls: count, bytes: z2.number(), total_ns: ns, gb_per_s: maybe }),
  ...effects
});
var rangeSide2 = z2.strictObject({
  calls: count,
  total_ns: ns,
  self_ns: ns,
  gpu_ns: maybe,
  gpu_self_ns: maybe,
  kernels: z2.number().nullable()
});
var rangeRow = z2.strictObject({
  domain: z2.number(),
  name: z2.string(),
  baseline: rangeSide2,
  candidate: rangeSide2,
  ...effects,
  gpu_delta_ns: maybe
});
var side = z2.strictObject({
  label: z2.string(),
  captures: count,
  formats: z2.array(z2.string()),
  sources: z2.array(z2.string()),
  ranks: z2.array(
    z2.strictObject({
      rank: z2.string(),
      host: z2.string().nullable(),
      pid: z2.number().nullable(),
      device: z2.number(),
      gpu_uuid: z2.string().nullable(),
      gpu: z2.string().nullable()
    })
  ),
  product: z2.string().nullable(),
  schema: z2.string().nullable(),
  driver: z2.string().nullable(),
  graph_mode: z2.enum(["graph", "node", "none", "unknown"]),
  kernel_calls: count,
  kernel_names: count,
  kernel_total_ns: ns,
  content_id: z2.string()
});
var profileDiffSchema = z2.strictObject({
  schema: z2.literal("profile_diff"),
  schema_version: z2.literal(1),
  verdict: z2.enum(["GREEN", "YELLOW", "RED"]),
  first_line: z2.string(),
  decision: z2.strictObject({
    status: z2.enum(["PASS", "FAIL", "INCONCLUSIVE", "INCOMPARABLE"]),
    strength: z2.enum(["proven", "likely"]).nullable(),
    basis: z2.enum(["point", "interval", "exact", "capture"]),
    reason: z2.string(),
    trials_needed: z2.number().nullable(),
    mde: z2.number().nullable()
  }),
  same_capture: z2.boolean(),
  warnings: z2.array(z2.string()),
  baseline: side,
  candidate: side,
  headline: z2.strictObject({
    metric: z2.string(),
    basis: z2.enum(["work", "step", "dominant_kernel", "none"]),
    unit: z2.string(),
    baseline_units: maybe,
    candidate_units: maybe,
    /** Wall time of one unit of work on one rank. */
    baseline_ns: maybe,
    candidate_ns: maybe,
    change_pct: maybe,
    threshold_pct: z2.number(),
    adverse: z2.boolean(),
    /** Candidate units of work over baseline units, in captures as they are. */
    work_ratio: maybe,
    /** Both captures cover the same length of time, so fewer calls mean slower, not cheaper. */
    equal_window: z2.boolean()
  }),
  totals: z2.strictObject({
    baseline_ns: ns,
    candidate_ns: ns,
    baseline_calls: count,
    candidate_calls: count,
    calls_pct: maybe,
    ...effects
  }),
  clock: z2.strictObject({
    /** Common factor of the compute kernels, candidate over baseline. */
    factor: z2.number(),
    /** Share of compute time that moved by it. */
    agreement: z2.number(),
    applied: z2.boolean()
  }),
  step: effectOfStep.nullable(),
  adverse: z2.array(
    z2.strictObject({
      kind: z2.enum(["headline", "kernel", "bucket"]),
      name: z2.string(),
      rank: z2.string().nullable(),
      effect_ns: ns,
      pct: maybe
    })
  ),
  next_lever: z2.strictObject({ action: z2.string(), unlock_ns: ns, unlock_pct: maybe, gate: z2.string() }).nullable(),
  kernels: z2.array(kernelRowSchema),
  buckets: z2.array(bucketRow),
  ranks: z2.array(rankRow),
  collectives: z2.array(collectiveRow2),
  copies: z2.array(copyRow),
  ranges: z2.array(rangeRow),
  api: z2.array(simpleRow),
  waits: z2.array(simpleRow),
  graphs: z2.strictObject({
    baseline: z2.strictObject({ calls: count, total_ns: ns }),
    candidate: z2.strictObject({ calls: count, total_ns: ns })
  })
});

// ../../tmp/t3.ts
var rules = await loadBucketRules();
var t0 = performance.now();
var [a, b] = process.argv.slice(2).map((f) => readNsysSqlite(f, { rules, window: null, stepMarker: null, attribute: null }));
var t1 = performance.now();
var d = diffProfiles([a], [b]);
var t2 = performance.now();
profileDiffSchema.parse(d);
console.log(d.first_line, "\n", d.next_lever, d.totals, d.headline, d.clock, d.step, d.adverse, d.decision, d.warnings);
console.log(d.collectives.slice(0, 3).map((c) => JSON.stringify(c)).join("\n"));
for (const k of d.kernels.slice(0, 6)) console.log(k.short_name, k.class, k.per_call_pct, k.stratified_pct, k.q, k.delta_ns, k.count_effect_ns, k.per_call_effect_ns);
for (const k of d.kernels.filter((k2) => k2.class !== "both")) console.log(k.class, k.name.slice(0, 150), k.baseline_name?.slice(0, 100));
console.log("read", t1 - t0, "diff", t2 - t1, "json", JSON.stringify(d).length, process.memoryUsage().rss / 1e6);
