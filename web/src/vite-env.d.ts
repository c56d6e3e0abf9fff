/// <reference types="vite/client" />

declare module 'virtual:coastline' {
  const rings: [number, number][][];
  export default rings;
}
