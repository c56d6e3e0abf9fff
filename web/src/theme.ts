import { createTheme, type CSSVariablesResolver } from '@mantine/core';

export const theme = createTheme({
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif',
  primaryColor: 'brand',
  primaryShade: { light: 8, dark: 8 },
  colors: {
    brand: ['#e6f4f9', '#cbe6f0', '#98cde1', '#62b3d1', '#389dc4', '#1c8dba', '#0b7ea9', '#08698e', '#0b5a7a', '#0b4f6c'],
  },
  defaultRadius: 'md',
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'md' } },
    TextInput: { defaultProps: { size: 'md' } },
    NumberInput: { defaultProps: { size: 'md' } },
    NativeSelect: { defaultProps: { size: 'md' } },
    Textarea: { defaultProps: { size: 'md' } },
    PasswordInput: { defaultProps: { size: 'md' } },
  },
});

// Mantine's own greys and reds are too pale to read; these reach 4.5 : 1 on what they stand on.
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#4b5563',
    '--mantine-color-error': '#b42318',
    '--mantine-color-placeholder': '#5b6470',
    '--mantine-color-anchor': '#0b5a7a',
    '--mantine-color-red-outline': '#b42318',
    '--mantine-color-red-text': '#b42318',
    '--mantine-color-brand-outline': '#0b5a7a',
    '--mantine-color-brand-light-color': '#0b4f6c',
    '--mantine-color-brand-text': '#0b5a7a',
  },
  dark: {
    '--mantine-color-dimmed': '#b6bfca',
    '--mantine-color-error': '#ff9b8f',
    '--mantine-color-placeholder': '#a3adb9',
    '--mantine-color-anchor': '#7cc4e2',
    '--mantine-color-red-outline': '#ff9b8f',
    '--mantine-color-red-text': '#ff9b8f',
    '--mantine-color-brand-outline': '#7cc4e2',
    '--mantine-color-brand-light-color': '#a9d9ee',
    '--mantine-color-brand-text': '#7cc4e2',
  },
});
