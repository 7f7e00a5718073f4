export { RegisterError, type RegisterErrorCode } from './docket/register-error.ts';
