// The one template of typeset pages. It is fixed text; what a page says comes as JSON beside it, so that nothing in a name or a
// log can become markup.

/** Points. Pages with many panels are 11 x 14 inches upright, all others A4 across. */
export const PAGE_SIZES = {
  landscape: { width: 841.89, height: 595.28 },
  portrait: { width: 792, height: 1008 },
} as const;

export const PAGE_MARGIN = 40;

/** The file names that the template reads. */
export const TEMPLATE_DATA = '/pages.json';
export const pictureName = (index: number): string => `/picture-${index}.svg`;

/** Stands where each page that was given begins, and says on which page of the document that is. */
export const PAGE_START = '<page-start>';

export const TYPST_TEMPLATE = String.raw`
#let d = json("/pages.json")
#set document(title: d.title, author: d.author, keywords: d.keywords, description: d.subject, date: auto)
#set text(font: "DejaVu Sans", size: 11pt, lang: "en", fill: rgb(d.colours.ink), fallback: false)
#set par(leading: 0.62em, spacing: 0.9em, justify: false)
#show raw: set text(font: ("DejaVu Sans Mono", "DejaVu Sans"), size: 1em)
// A unit is never broken at its stroke.
#show regex("(tok|req|GB|TB)/[A-Za-z]+(/[A-Za-z]+)?|ISL/OSL( [0-9?]+/[0-9?]+)?"): it => box(it)
#show link: set text(fill: rgb(d.colours.blue))
#show heading.where(level: 1): it => block(below: 7pt, text(size: 19pt, weight: "bold", it.body))
#show heading.where(level: 2): it => block(above: 14pt, below: 6pt, text(size: 15pt, weight: "bold", it.body))
#show heading.where(level: 3): it => block(above: 10pt, below: 5pt, text(size: 12.5pt, weight: "bold", it.body))

#let span(s) = {
  if type(s) == str { s }
  else if "strong" in s { strong(s.strong) }
  else if "code" in s { raw(s.code) }
  else if "href" in s and s.href != none { link(s.href, s.link) }
  else { s.link }
}
#let words(t) = if type(t) == array { t.map(span).join() } else { span(t) }
#let quiet(body) = text(fill: rgb(d.colours.quiet), body)

#let plain-table(b) = {
  set text(size: b.size * 1pt)
  table(
    columns: b.widths.map(w => if w == none { auto } else if w.ends-with("fr") { float(w.slice(0, -2)) * 1fr } else { float(w.slice(0, -2)) * 1pt }),
    align: (x, y) => if b.align.at(x) == "right" { right + horizon } else { left + horizon },
    inset: (x: 4pt, y: b.inset * 1pt),
    stroke: (x, y) => (bottom: if y == 0 { 1pt + rgb(d.colours.base) } else { 0.4pt + rgb(d.colours.grid) }),
    table.header(repeat: true, ..b.head.map(h => quiet(h))),
    ..b.rows.flatten().map(c => if "fill" in c and c.fill != none {
      table.cell(fill: rgb(c.fill), text(fill: rgb(c.ink), weight: if c.bold { "bold" } else { "regular" }, words(c.text)))
    } else if "outlined" in c and c.outlined {
      table.cell(stroke: 0.5pt + rgb(d.colours.base), align: center + horizon, quiet(words(c.text)))
    } else if "bold" in c and c.bold { strong(words(c.text)) } else { words(c.text) }),
  )
}

#let show-block(b) = {
  if b.kind == "heading" { heading(level: b.level, words(b.text)) }
  else if b.kind == "paragraph" { par(words(b.text)) }
  else if b.kind == "note" { block(inset: (left: 9pt, y: 3pt), stroke: (left: 3pt + rgb(d.colours.doubt)), words(b.text)) }
  else if b.kind == "banner" {
    block(fill: rgb(b.fill), inset: (x: 12pt, y: 8pt), radius: 3pt, width: 100%, text(fill: rgb(b.ink), size: 15pt, weight: "bold", words(b.text)))
  }
  else if b.kind == "list" { list(marker: [–], ..b.items.map(words)) }
  else if b.kind == "figures" {
    grid(columns: (auto, 1fr), column-gutter: 14pt, row-gutter: 6pt, ..b.items.map(i => (quiet(i.label), i.values.map(words).join(linebreak()))).flatten())
  }
  else if b.kind == "table" { plain-table(b) }
  else if b.kind == "code" { block(inset: 8pt, stroke: 0.5pt + rgb(d.colours.grid), width: 100%, text(size: 9.5pt, raw(b.text, block: true))) }
  else if b.kind == "picture" { figure(image("/picture-" + str(b.index) + ".svg", width: b.width * 1pt, alt: b.alt)) }
  else if b.kind == "columns" {
    grid(columns: b.parts.map(p => 1fr), column-gutter: 18pt, ..b.parts.map(p => block(width: 100%, p.map(show-block).join())))
  }
}
// A block refers to itself inside columns.
#let footer = context {
  // On one line, whatever the names.
  let room = page.width - 80pt - 12pt - measure(text(size: 9.5pt)[page 100 of 100]).width
  let size = 9.5
  while size > 6 and measure(text(size: size * 1pt, d.footer)).width > room { size -= 0.25 }
  set text(size: size * 1pt, fill: rgb(d.colours.quiet))
  line(length: 100%, stroke: 0.4pt + rgb(d.colours.grid))
  v(-6pt)
  grid(columns: (1fr, auto), column-gutter: 12pt, d.footer, [page #counter(page).display() of #counter(page).final().first()])
}
#for a in d.attachments {
  pdf.attach("/" + a.name, read("/" + a.name, encoding: none), relationship: a.relationship, mime-type: a.mime, description: a.description)
}
// What a page says: together where it fits one sheet, so that a title is never parted from what it is about; but where much of the
// sheet would stay empty, it begins there and goes on overleaf.
#let show-page(p, width, height) = {
  let body = {
    context [#metadata(here().page()) <page-start>]
    heading(level: 1, words(p.title))
    if p.subtitle != none { block(below: 12pt, quiet(words(p.subtitle))) }
    for (i, b) in p.blocks.enumerate() {
      let next = p.blocks.at(i + 1, default: (kind: ""))
      if b.kind == "paragraph" and next.kind == "table" { block(sticky: true, show-block(b)) } else { show-block(b) }
    }
  }
  if p.long { body } else { context {
    let needed = measure(block(width: width, body)).height
    // Nowhere at first: placed loosely once, it learns where it stands.
    let y = here().position().y
    let left = height + 36pt - y
    if y > 0pt and needed < height and (needed < left or left < 0.4 * height or not p.flows) { block(breakable: false, width: 100%, body) }
    else if y > 40pt and needed >= height and not p.flows { pagebreak(weak: true) + body }
    else { body }
  } }
}
#for (i, s) in d.sheets.enumerate() {
  page(width: s.width * 1pt, height: s.height * 1pt, margin: (x: 40pt, top: 36pt, bottom: 46pt), footer: footer, footer-descent: 16pt, {
    if i == 0 { [#show heading: none
#heading(level: 1, d.mark)] }
    for (k, p) in s.pages.enumerate() {
      if k > 0 { v(20pt, weak: true) }
      show-page(p, s.width * 1pt - 80pt, s.height * 1pt - 82pt)
    }
  })
}
`;
