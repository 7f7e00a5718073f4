import { z } from 'zod';
import type { Provider } from './provider.ts';

/** A setting, as documentation tells it. */
export interface SettingDescription {
  readonly name: string;
  /** What is allowed, with the unit. */
  readonly allowed: string;
  /** `required`, `not set`, or the value that counts when none is given. */
  readonly otherwise: string;
}

/** The settings of a provider beside `provider`, in the order of their declaration. */
export function describeSettings({ schema }: Provider): SettingDescription[] {
  const checked = schema instanceof z.ZodPipe ? schema.in : undefined;
  const shape: Readonly<Record<string, unknown>> = checked instanceof z.ZodObject ? checked.shape : {};
  return Object.entries(shape)
    .filter(([name]) => name !== 'provider')
    .map(([name, setting]) => describe(name, setting));
}

function describe(name: string, setting: unknown): SettingDescription {
  const inner = setting instanceof z.ZodOptional || setting instanceof z.ZodDefault ? setting.unwrap() : setting;
  const allowed = inner instanceof z.ZodType ? String(inner.meta()?.['allowed']) : '';
  if (setting instanceof z.ZodDefault) {
    return { name, allowed, otherwise: JSON.stringify(setting.parse(undefined)) };
  }
  return { name, allowed, otherwise: setting instanceof z.ZodOptional ? 'not set' : 'required' };
}
