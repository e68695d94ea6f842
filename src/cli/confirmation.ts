// Asks the person at the terminal to confirm exact commands.

export const confirmInTerminal = async (commands: readonly string[]): Promise<boolean> => {
  const { createInterface } = await import('node:readline/promises');
  const dialog = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await dialog.question(`${commands.join('\n')}\nStart exactly this? Type yes: `);
    return answer.trim().toLowerCase() === 'yes';
  } finally {
    dialog.close();
  }
};
