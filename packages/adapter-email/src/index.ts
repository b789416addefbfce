/** The public surface of `@abca/adapter-email`. The Inversify module is in `@abca/adapter-email/module`. */
export { EmailNotifier, type EmailNotifierOptions } from './email-notifier.ts';
export { type Mail, type MailTransport } from './mail/mail.ts';
export { sesClientSettings, SesTransport, type SesTransportOptions } from './transport/ses-transport.ts';
export { SmtpTransport, type SmtpTransportOptions } from './transport/smtp-transport.ts';
