// A place that is filled when it comes into sight: a page with a hundred charts loads the few that are seen.
import { useEffect, useRef, useState, type ReactNode } from "react";

export function WhenSeen({ height, children }: { height: number; children: () => ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen) return;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true), { rootMargin: "200px" });
    observer.observe(place.current!);
    return () => observer.disconnect();
  }, [seen]);
  return <div ref={place} style={{ minHeight: seen ? undefined : height }}>{seen && children()}</div>;
}
