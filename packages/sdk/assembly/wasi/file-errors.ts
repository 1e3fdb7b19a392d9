/** What a host answers instead of a file, in words. */

/** A text for a case of `error-code`. */
export function fileErrorText(code: u8): string {
  switch (code) {
    case 0:
      return 'access is denied';
    case 1:
      return 'it would have to be waited for';
    case 3:
      return 'it is not open for that';
    case 4:
      return 'it is busy';
    case 9:
      return 'its name is not valid text';
    case 11:
      return 'the host was interrupted';
    case 12:
      return 'the host finds the request invalid';
    case 13:
      return 'input or output failed';
    case 14:
      return 'it is a directory';
    case 15:
      return 'too many links lead to each other';
    case 18:
      return 'the name is too long';
    case 19:
    case 29:
      return 'there is no such device';
    case 20:
      return 'there is no such file or directory';
    case 22:
      return 'the host has no memory or no open files left for it';
    case 24:
      return 'a part of the path is not a directory';
    case 27:
      return 'the host does not support it';
    case 30:
      return 'a number is too large';
    case 31:
      return 'it is not permitted';
    case 34:
      return 'it cannot be read at a position';
    default:
      // The others are answers to writing, locking and sockets.
      return 'error ' + code.toString() + ' of wasi:filesystem';
  }
}
