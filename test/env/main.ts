import { PARTS } from "./parts.ts";
for (const p of PARTS) { const l = await p.lacks(); if (l) throw new Error(l); await p.up(); console.log(p.name, await p.status()); }
