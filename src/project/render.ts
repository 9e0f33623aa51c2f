export interface RenderOptions {
  /** Absolute path of the text's file; `.Files` is relative to its directory. */
  readonly configFile: string;
  /** Directory of `*.tmpl` files; may be absent. */
  readonly templatesDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onWarning: (text: string) => void;
}

/** The text of werf.yaml after its template pass. The engine is only loaded for a text that has actions. */
export async function renderConfig(text: string, options: RenderOptions): Promise<string> {
  const plain = text.replaceAll("\r\n", "\n");
  if (!plain.includes("{{")) return plain;
  const { runConfigTemplate } = await import("./config-template.ts");
  return runConfigTemplate(plain, options);
}
