/** A command as it is shown, also to be typed again. */
export function commandText(command: string | readonly string[]): string {
  return typeof command === 'string' ? command : command.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
