// The address of a server as its paths are added to it: people write it with and without `/v1`, and with a slash at the end.

/** `http://host:8000` of `http://host:8000/v1/`. */
export const serverRoot = (url: string): string => url.replace(/\/+$/, '').replace(/\/v1$/, '');
