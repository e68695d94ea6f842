// Source under test: repository, commit, delivery, image, patches and address of what was measured, as the campaign recorded it and its
// registry of sources knows it.
import { pageTable } from '../../render/page.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';

export const sourcePages: PagePlan = ({ evidence: { sources }, rows }) => {
  const images = [...new Set(rows.map(({ image }) => image).filter((image) => image !== 'unknown'))];
  if (sources.length === 0 && images.length === 0)
    return omitted(
      'sources',
      'neither the campaign nor a row says which code was measured',
      'put a provenance block into the campaign YAML, or name an evidence bundle when the campaign begins',
    );
  const table = pageTable(
    [
      { title: 'repository', share: 2 },
      { title: 'commit', share: 2 },
      { title: 'delivery', share: 1 },
      { title: 'image', share: 2 },
      { title: 'patches', share: 2 },
      { title: 'purpose', share: 1.6 },
      { title: 'address', share: 2.6 },
    ],
    sources.map(({ repo, branch, commit, dirty, delivery, image, patch_files: patches, purpose, url }) => [
      branch === undefined ? repo : `${repo} (${branch})`,
      [
        url === undefined ? commit : { link: commit, href: url },
        ...(dirty === true ? [', with changes that no commit holds'] : []),
      ],
      delivery ?? 'not stated',
      image ?? 'not stated',
      patches?.join(', ') ?? 'none stated',
      purpose ?? '',
      url === undefined ? 'not in source-registry.yaml' : { link: url.replace(/^https:\/\//, ''), href: url },
    ]),
    10,
  );
  return drawn([
    {
      id: 'sources',
      title: `Source under test: ${sources[0] === undefined ? (images[0] ?? '') : `${sources[0].repo} at ${sources[0].commit}`}`,
      subtitle: 'as the campaign recorded it when it began, with what source-registry.yaml knows of each repository',
      orientation: 'landscape',
      blocks: [
        ...(sources.length === 0 ? [] : [table]),
        ...(images.length === 0 ? [] : [{ kind: 'list', items: images.map((image) => `image: ${image}`) } as const]),
      ],
    },
  ]);
};
