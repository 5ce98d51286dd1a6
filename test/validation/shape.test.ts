import { FLAG, NUMBER, SECRET, TEXT, TEXTS_BY_NAME, checkStruct, choice, having, listOf, required, struct } from "../../lib/validation/shape";

enum Colour {
  RED = "red",
}

const SHAPE = {
  flag: FLAG,
  number: NUMBER,
  text: TEXT,
  secret: SECRET,
  needed: required(TEXT),
  colour: choice(Colour),
  named: TEXTS_BY_NAME,
  inner: struct({ list: listOf(struct({ deep: FLAG })) }),
  thing: having("a thing", "thingness"),
};

const check = (value: unknown) => () => checkStruct("Here", "options", value, SHAPE);

test.each<[string, object]>([
  ["an object with only the required keys", {}],
  ["undefined for optional keys", { flag: undefined, inner: undefined, thing: undefined }],
  ["valid values for all keys", { flag: false, number: 0, text: "", secret: "s", colour: "red", named: { a: "b" }, inner: { list: [{ deep: true }, {}] }, thing: { thingness: 1 } }],
])("checkStruct() accepts %s", (_, value) => expect(check({ needed: "x", ...value })).not.toThrow());

test("checkStruct() accepts an instance of a class with the required keys", () => {
  class Settings {
    public readonly needed = "x";
    public readonly flag = true;
  }
  expect(check(new Settings())).not.toThrow();
});

test.each<[string, unknown, string]>([
  ["a text as a boolean", { needed: "x", flag: "true" }, 'flag must be true or false, known at synthesis, got "true"'],
  ["0 as a boolean", { needed: "x", flag: 0 }, "flag must be true or false, known at synthesis, got 0"],
  ["null as a boolean", { needed: "x", flag: null }, "flag must be true or false, known at synthesis, got null"],
  ["a text as a number", { needed: "x", number: "1" }, 'number must be a number, known at synthesis, got "1"'],
  ["a number as a secret, and the message does not show the number", { needed: "x", secret: 12345 }, "secret must be text, got a number"],
  ["a missing required key", {}, "needed must be text, got undefined"],
  ["the name of an enum member instead of the member's value", { needed: "x", colour: "RED" }, 'colour must be one of red, got "RED"'],
  ["the name of a property of Object as an enum value", { needed: "x", colour: "constructor" }, 'colour must be one of red, got "constructor"'],
  ["a number in an object of texts", { needed: "x", named: { "a\nb": 1 } }, 'named["a\\nb"] must be text, got 1'],
  ["a wrong value in a nested struct", { needed: "x", inner: { list: [{}, { deep: 1 }] } }, "inner.list[1].deep must be true or false, known at synthesis, got 1"],
  ["an unknown key in a nested struct", { needed: "x", inner: { list: [{ Deep: true }] } }, 'inner.list[0] must be an object of known keys, got the unknown key "Deep": did you mean deep?'],
  ["an unknown key whose value is undefined", { needed: "x", flagg: undefined }, 'options must be an object of known keys, got the unknown key "flagg": did you mean flag?'],
  ["an object that lacks the marker of the expected class", { needed: "x", thing: {} }, "thing must be a thing, got an empty object"],
  ["a list as the struct", [], "options must be an object with flag, number, text, secret, needed, colour, named, inner, thing, got an empty list"],
  ["a text as the struct, and the message does not show the text", "s3cret", "options must be an object with flag, number, text, secret, needed, colour, named, inner, thing, got text"],
  ["null", null, "options must be an object with flag, number, text, secret, needed, colour, named, inner, thing, got null"],
])("checkStruct() refuses %s", (_, value, message) => expect(check(value)).toThrow(new Error(`${message} [Here]`)));

test.each([
  ["verify_name", ["name", "host", "verifyName"], "did you mean verifyName?"],
  ["VERIFYNAME", ["name", "host", "verifyName"], "did you mean verifyName?"],
  ["wieght", ["weight", "host"], "did you mean weight?"],
  ["healthPath", ["health", "healthPort", "path"], "did you mean healthPort?"],
  ["routerId", ["virtualAddresses", "virtualRouterId"], "did you mean virtualRouterId?"],
  ["colour", ["name", "host"], "its keys are name, host"],
  ["", ["name", "host"], "its keys are name, host"],
  ["id", ["idle", "name"], "did you mean idle?"],
])("the error message for the unknown key %j among %j suggests a similar key, or lists all keys", (key, known, said) => {
  const shape = Object.fromEntries(known.map((name) => [name, TEXT]));
  expect(() => checkStruct("Here", "options", { [key]: 1 }, shape)).toThrow(
    new Error(`options must be an object of known keys, got the unknown key ${JSON.stringify(key)}: ${said} [Here]`),
  );
});
