// Calls methods of a module that was made: a line of JSON in, [function, arguments], and one out.
import readline from "node:readline";
import { pathToFileURL } from "node:url";

const [path, client, baseUrl, token] = process.argv.slice(2);
const module = await import(pathToFileURL(path));
const called = new module[client]({ token, baseUrl });
for await (const line of readline.createInterface({ input: process.stdin })) {
  const [name, args] = JSON.parse(line);
  let answer;
  try {
    answer = { value: await called[module.METHODS[name]](args) };
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer));
}
