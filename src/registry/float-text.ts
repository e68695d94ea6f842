// Writes numbers the way the index has always shown them: as Python's `repr` of a float. For display only.

/** `310` is `310.0`, `1e21` is `1e+21`, `0.00001` is `1e-05`; the shortest digits that read back to the same number. */
export const floatText = (value: number): string => {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [digits = '0', power = '0'] = Math.abs(value).toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 16) {
    const plain = Math.abs(value).toString();
    return `${sign}${plain.includes('.') ? plain : `${plain}.0`}`;
  }
  return `${sign}${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
};
