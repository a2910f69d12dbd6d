import { unknownNames } from '@raft-ts/net/options';
import { argumentInvalid } from '../errors.js';
import { encodeAttributes, parseAttributes } from './tree/attribute-codec.js';
import type { NewAttributes } from './tree/attributes.js';
import type { ByteString } from './tree/byte-string.js';
import {
  type Attributes,
  attributesFromText,
  bytesFromText,
  kindOf,
  pathFromText,
} from './tree/text-to-bytes.js';
import { type WireField, wireArray, wireBoolean, wireBytes, wireInteger } from './wire-fields.js';

/** Fields that a message has at most. */
export const MAX_MESSAGE_FIELDS = 8;

/** One field of an operation or query: how it comes from outside. */
export interface Field<Value, Text = Value> {
  /** Takes it from a client that may be hostile; throws WireError. */
  parse(wire: unknown, what: string): Value;
  /** Its wire form. */
  encode(value: Value): WireField;
  /** Of a field behind all that are not: null, which `parse` takes, may be left out on the wire. */
  readonly optional?: true;
  /**
   * Takes it from a program; throws PATH_INVALID or ATTRIBUTE_INVALID. One whose `Text` can be
   * undefined may be left out.
   */
  fromText(text: Text, what: string): Value;
}

/** The fields of a message by name, in the order of its wire form. */
export type Fields = Readonly<Record<string, Field<unknown, unknown>>>;

type ValueOf<Each extends Field<unknown, unknown>> = ReturnType<Each['parse']>;
type TextOf<Each> = Each extends Field<infer _Value, infer Text> ? Text : never;

/** An operation or query as the rules have it. */
export type Message<Kind extends string, Of extends Fields> = { readonly kind: Kind } & {
  readonly [Name in keyof Of as undefined extends ValueOf<Of[Name]> ? never : Name]: ValueOf<
    Of[Name]
  >;
} & {
  readonly [Name in keyof Of as undefined extends ValueOf<Of[Name]> ? Name : never]?: ValueOf<
    Of[Name]
  >;
};

/** The same as programs give it, with text in place of byte strings. */
export type TextMessage<Kind extends string, Of extends Fields> = { readonly kind: Kind } & {
  readonly [Name in keyof Of as undefined extends TextOf<Of[Name]> ? never : Name]: TextOf<
    Of[Name]
  >;
} & {
  readonly [Name in keyof Of as undefined extends TextOf<Of[Name]> ? Name : never]?: Exclude<
    TextOf<Of[Name]>,
    undefined
  >;
};

/** Wire form of a message: its number, then its fields. */
export type WireMessage = readonly [number: number, ...fields: WireField[]];

/** How one kind of message comes from outside, and goes there. */
export interface MessageForm<Inside, Text> {
  /** First element of the wire form. Stored in the log: a number is never given twice. */
  readonly number: number;
  encode(message: Inside): WireMessage;
  /** Takes the wire form, a number and up to `MAX_MESSAGE_FIELDS` fields, from a client that may be hostile. Throws WireError. */
  parse(wire: readonly unknown[]): Inside;
  /** Throws InodeAppError: PATH_INVALID, ATTRIBUTE_INVALID or ARGUMENT_INVALID for wrong types. */
  fromText(text: Text): Inside;
}

/** The form of a kind of message that has these fields. */
export function messageForm<Kind extends string, Of extends Fields>(
  kind: Kind,
  number: number,
  fields: Of,
): MessageForm<Message<Kind, Of>, TextMessage<Kind, Of>> {
  const entries = Object.entries(fields);
  const elements = entries.length + 1;
  const least = entries.findLastIndex(([, field]) => field.optional !== true) + 2;
  const what = `a ${kind}`;
  return {
    number,
    encode(message) {
      const wire: [number, ...WireField[]] = [number];
      let position = 1;
      for (const [name, field] of entries) {
        wire[position] = field.encode(Reflect.get(message, name));
        position += 1;
      }
      while (wire.length > least && wire.at(-1) === null) wire.pop();
      return wire;
    },
    parse(wire) {
      wireArray(wire, least, elements, what);
      const message: Record<string, unknown> = { kind };
      let position = 1;
      for (const [name, field] of entries) {
        message[name] = field.parse(wire[position] ?? null, name);
        position += 1;
      }
      // It has all the fields, each as its own parse made it.
      return message as Message<Kind, Of>;
    },
    fromText(text) {
      const [unknown] = unknownNames(text, ['kind', ...Object.keys(fields)]);
      if (unknown !== undefined) throw argumentInvalid(`of ${what}, ${unknown}`);
      const message: Record<string, unknown> = { kind };
      for (const [name, field] of entries)
        message[name] = field.fromText(Reflect.get(text, name), name);
      return message as Message<Kind, Of>;
    },
  };
}

const asItIs = <Value>(value: Value) => value;

/** A path of the tree, whose faults are left for the rules to find. */
export const PATH: Field<ByteString, string> = {
  parse: wireBytes,
  encode: asItIs,
  fromText: pathFromText,
};

/** Any other bytes, such as what a symbolic link points to. */
export const BYTES: Field<ByteString, string> = { ...PATH, fromText: bytesFromText };

/** Attributes to give. */
export const ATTRIBUTES: Field<NewAttributes, Attributes> = {
  parse: parseAttributes,
  encode: encodeAttributes,
  fromText: attributesFromText,
};

/** The same, where none need be given. */
export const OPTIONAL_ATTRIBUTES: Field<NewAttributes, Attributes | undefined> = {
  ...ATTRIBUTES,
};

/** What is false unless it is asked for. */
export const FLAG: Field<boolean, boolean | undefined> = {
  parse: wireBoolean,
  encode: asItIs,
  fromText(given = false, what) {
    if (typeof given === 'boolean') return given;
    throw argumentInvalid(`${what} must be true or false, not ${kindOf(given)}`);
  },
};

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): Field<number> {
  return {
    parse: (wire, what) => wireInteger(wire, least, most, what),
    encode: asItIs,
    fromText: asItIs,
  };
}

/** What only members put into messages: programs don't give it. */
export function internal<Value>(
  parse: (wire: unknown, what: string) => Value,
  encode: (value: Value) => WireField,
): Field<Value> {
  return { parse, encode, fromText: asItIs };
}

/** Any whole number from 0 on. */
export const WHOLE: Field<number> = wholeNumber(0, Number.MAX_SAFE_INTEGER);
