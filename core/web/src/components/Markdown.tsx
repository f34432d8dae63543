// Notes as people wrote them: Markdown shown as React elements, so nothing in it can be markup.
import { Fragment, useMemo, type ReactNode } from "react";
import { parseMarkdown, type Block, type Inline } from "../base/markdown";

export function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  return <div className="markdown">{blocks.map(block)}</div>;
}

function inlines(all: Inline[]): ReactNode {
  return all.map((each, i) => {
    switch (each.type) {
      case "text":
        return <Fragment key={i}>{each.text}</Fragment>;
      case "code":
        return <code key={i}>{each.text}</code>;
      case "strong":
        return <strong key={i}>{inlines(each.children)}</strong>;
      case "em":
        return <em key={i}>{inlines(each.children)}</em>;
      case "strike":
        return <s key={i}>{inlines(each.children)}</s>;
      case "break":
        return <br key={i} />;
      case "link":
        return (
          <a key={i} href={each.address} rel="noopener noreferrer nofollow" target={each.address.startsWith("#") ? undefined : "_blank"}>
            {inlines(each.children)}
          </a>
        );
    }
  });
}

/** An item of one paragraph stands without its margins. */
function tight(blocks: Block[]): ReactNode {
  const [only] = blocks;
  return blocks.length === 1 && only?.type === "paragraph" ? inlines(only.children) : blocks.map(block);
}

function block(each: Block, key: number): ReactNode {
  switch (each.type) {
    case "heading": {
      // Below the headings of the page around it.
      const Heading = `h${Math.min(each.level + 2, 6)}` as "h3" | "h4" | "h5" | "h6";
      return <Heading key={key}>{inlines(each.children)}</Heading>;
    }
    case "paragraph":
      return <p key={key}>{inlines(each.children)}</p>;
    case "code":
      return <pre key={key}><code>{each.text}</code></pre>;
    case "quote":
      return <blockquote key={key}>{each.blocks.map(block)}</blockquote>;
    case "rule":
      return <hr key={key} />;
    case "table":
      return (
        <table key={key}>
          <thead><tr>{each.head.map((cell, i) => <th key={i}>{inlines(cell)}</th>)}</tr></thead>
          <tbody>{each.rows.map((row, i) => <tr key={i}>{row.map((cell, j) => <td key={j}>{inlines(cell)}</td>)}</tr>)}</tbody>
        </table>
      );
    case "list": {
      const items = each.items.map((item, i) => (
        <li key={i} className={item.checked === null ? undefined : "task"}>
          {item.checked !== null && <input type="checkbox" checked={item.checked} readOnly disabled aria-label={item.checked ? "done" : "open"} />}
          {tight(item.blocks)}
        </li>
      ));
      return each.ordered ? <ol key={key} start={each.start}>{items}</ol> : <ul key={key}>{items}</ul>;
    }
  }
}
