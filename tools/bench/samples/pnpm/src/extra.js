export const styled = (text) => text;
