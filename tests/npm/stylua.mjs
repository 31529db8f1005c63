// Lays out Lua files: `node stylua.mjs FILE…` names those that are not as StyLua would have them, and exits 1;
// with `--write` first, it lays them out.
import { readFileSync, writeFileSync } from "node:fs";
import { Config, IndentType, LuaVersion, OutputVerification, formatCode } from "@johnnymorganz/stylua";

const files = process.argv.slice(2);
const write = files[0] === "--write" && files.shift();
let changed = 0;
for (const file of files) {
  const config = Config.new();
  config.column_width = 120;
  config.indent_type = IndentType.Spaces;
  config.indent_width = 2;
  config.syntax = LuaVersion.Lua54;
  const before = readFileSync(file, "utf8");
  const after = formatCode(before, config, undefined, OutputVerification.Full);
  if (after === before) continue;
  changed += 1;
  if (write) writeFileSync(file, after);
  else {
    const [old, now] = [before.split("\n"), after.split("\n")];
    const at = old.findIndex((line, index) => line !== now[index]);
    console.log(`${file}:${at + 1}: ${JSON.stringify(old[at])} would be ${JSON.stringify(now[at])}`);
  }
}
process.exit(changed && !write ? 1 : 0);
