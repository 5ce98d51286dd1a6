import { posix, win32 } from "node:path";
import { pathForTerraform, slashed } from "../../lib/delivery/local-file";

// Terraform reads slashes on Windows, too, and a backslash as an escape.
test.each([
  ["a relative path", "keys\\id_ed25519", "C:\\work\\mail\\cdktf.out", "C:\\work\\mail", "../../../keys/id_ed25519"],
  ["a relative path that is written with forward slashes", "keys/id_ed25519", "C:\\work\\mail\\cdktf.out", "C:\\work\\mail", "../../../keys/id_ed25519"],
  ["a path that begins with ..", "..\\id", "C:\\work\\mail\\cdktf.out", "C:\\work\\mail", "../../../../id"],
  ["an absolute path", "C:\\Users\\me\\exch.pem", "C:\\work\\mail\\cdktf.out", "C:\\work\\mail", "C:/Users/me/exch.pem"],
  ["the path of a network share", "\\\\server\\share\\exch.pem", "C:\\work\\cdktf.out", "C:\\work", "//server/share/exch.pem"],
  ["a relative path, with the output folder on another drive", "exch.pem", "D:\\out", "C:\\work\\mail", "C:/work/mail/exch.pem"],
  ["a relative path in an app without an output folder, as in a test", "keys\\id", undefined, "C:\\work", "../../../keys/id"],
])("on Windows, a path for Terraform has forward slashes: %s", (_, path, output, cwd, expected) => {
  expect(pathForTerraform(win32, { path, output, stack: "mail", cwd })).toBe(expected);
});

test.each([
  ["a relative path", "keys/id_ed25519", "/work/mail/cdktf.out", "/work/mail", "../../../keys/id_ed25519"],
  ["an absolute path", "/etc/ssl/exch.pem", "/work/mail/cdktf.out", "/work/mail", "/etc/ssl/exch.pem"],
  ["a relative path, with the output folder outside the project", "exch.pem", "/out", "/work/mail", "../../../work/mail/exch.pem"],
  ["a relative path in an app without an output folder, as in a test", "./keys/id", undefined, "/work", "../../../keys/id"],
])("on Linux, a path for Terraform is absolute, or relative to the folder in which Terraform runs: %s", (_, path, output, cwd, expected) => {
  expect(pathForTerraform(posix, { path, output, stack: "mail", cwd })).toBe(expected);
});

test("a backslash is a separator on Windows and an ordinary character on Linux", () => {
  expect(slashed(win32, "a\\b/c")).toBe("a/b/c");
  expect(slashed(posix, "a\\b/c")).toBe("a\\b/c");
});
