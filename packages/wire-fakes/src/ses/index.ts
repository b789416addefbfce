/** Amazon SES v2 on loopback. See `ses.md`. */
export { FakeSes, type FakeSesOptions, startFakeSes, type SesTrouble } from './fake-ses.ts';
export { type SesErrorName, sesErrorNames } from './ses-fault.ts';
export { type SesMail } from './ses-mail.ts';
