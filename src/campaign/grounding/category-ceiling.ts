// Which resource of the hardware limits a category of kernels, and what the ceilings state of it. A part that has no figure of that
// resource has no ceiling there: that of another resource or of another part is never taken.
import type { Ceiling, CeilingTable } from '../../hardware/ceilings.ts';
import { productsOf, type Product } from '../../roofline/main-peak.ts';
import { resourceCeiling, type Resource } from '../../roofline/rates.ts';

export interface CategoryCeiling {
  readonly kind: 'memory' | 'compute' | 'link';
  /** In words: `memory`, `NVFP4`, `link`. */
  readonly what: string;
  /** Null where the part has no figure: no ceiling. */
  readonly datasheet: Ceiling | null;
  /** The best that was ever measured of the same; null where nobody did. */
  readonly best: Ceiling | null;
}

/** FP4 products have a category of their own; what the library runs beside them is BF16. */
const libraryIn = (quant: string): Product => {
  const products = productsOf(quant);
  return products === 'fp8' || products === 'int8' ? products : 'bf16';
};

/** By the map of the predecessor; formats by the cell's own label, and null where that says none. */
const resourceOf = (category: string, quant: string): Resource | null => {
  switch (category) {
    case 'NCCL':
      return 'link';
    case 'MoE':
      return productsOf(quant);
    case 'BMM-NVFP4':
      return 'nvfp4';
    case 'cuBLAS':
      return libraryIn(quant);
    case 'Triton-fused':
      return 'bf16';
    default:
      return 'hbm';
  }
};

const wordsOf = (resource: Resource | null): Pick<CategoryCeiling, 'kind' | 'what'> => {
  if (resource === 'hbm') return { kind: 'memory', what: 'memory' };
  if (resource === 'link') return { kind: 'link', what: 'link' };
  return { kind: 'compute', what: resource === null ? 'format unknown' : resource.toUpperCase() };
};

/** The ceiling of a category in a cell; `hwKey` null is a part that the table does not know. */
export const categoryCeiling = (
  table: CeilingTable,
  hwKey: string | null,
  { category, quant }: { readonly category: string; readonly quant: string },
): CategoryCeiling => {
  const resource = resourceOf(category, quant);
  const at = (line: 'datasheet' | 'best'): Ceiling | null =>
    hwKey === null || resource === null ? null : (resourceCeiling(table, hwKey, resource, line) ?? null);
  return { ...wordsOf(resource), datasheet: at('datasheet'), best: at('best') };
};
