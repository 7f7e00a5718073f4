import type { CallOptions } from '@sorcha/storage';

/** What a store does before and after each of its calls. */
export interface CallGate {
  /** Checks what every call checks first, and notes that one is at work. */
  enter(options: CallOptions | undefined): void;
  /** Notes that it ended. */
  leave(): void;
  /** Is told of the error of a call, before it leaves. */
  readonly fail?: (error: unknown) => void;
}

/** Runs a call through the gate of its store. */
export async function passGate<T>(
  gate: CallGate,
  options: CallOptions | undefined,
  call: () => Promise<T>,
): Promise<T> {
  gate.enter(options);
  try {
    return await call();
  } catch (error) {
    gate.fail?.(error);
    throw error;
  } finally {
    gate.leave();
  }
}
