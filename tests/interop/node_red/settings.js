// Node-RED without an editor: one flow, loopback only, nothing installed and nobody told.
module.exports = {
  uiHost: '127.0.0.1',
  uiPort: process.env.NODE_RED_PORT,
  disableEditor: true,
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false },
  externalModules: { autoInstall: false, palette: { allowInstall: false }, modules: { allowInstall: false } },
  logging: { console: { level: 'info', metrics: false, audit: false } }
}
