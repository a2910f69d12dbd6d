import { describe, expect, it } from 'vitest';
import { WebHdfsDriver } from './webhdfs-driver.js';
import { parseWebHdfsPlace } from './webhdfs-place.js';

const driver = new WebHdfsDriver('webhdfs');

describe('places of WebHDFS', () => {
  it.each([
    ['webhdfs://NN/', {}, 'webhdfs://nn:9870/', 'hdfs://nn:9870'],
    ['webhdfs://nn', {}, 'webhdfs://nn:9870/', 'hdfs://nn:9870'],
    ['webhdfs://nn:1//a/b/', {}, 'webhdfs://nn:1/a/b', 'hdfs://nn:1/a/b'],
    ['webhdfs://b,a:1/d', {}, 'webhdfs://b:9870,a:1/d', 'hdfs://a:1,b:9870/d'],
    ['webhdfs://[::1]:9870/d', {}, 'webhdfs://[::1]:9870/d', 'hdfs://[::1]:9870/d'],
    ['webhdfs://n/ü %25', {}, 'webhdfs://n:9870/%C3%BC%20%25', 'hdfs://n:9870/%C3%BC%20%25'],
    ['webhdfs://Prod/d', { namenodes: 'a,b:1' }, 'webhdfs://prod/d', 'hdfs://prod/d'],
  ])('%s has one form', (uri, options, canonical, place) => {
    expect(driver.parse(uri, options)).toEqual({ uri: canonical, place });
    expect(driver.parse(canonical, options)).toEqual({ uri: canonical, place });
  });

  it('tells where the NameNodes answer', () => {
    const options = { namenodes: 'a, b:1' };
    const { origins, directory } = parseWebHdfsPlace('swebhdfs', 'swebhdfs://prod/d', options);
    expect(origins).toEqual(['https://a:9871', 'https://b:1']);
    expect(directory).toBe('/d');
  });

  it.each([
    ['hdfs://nn/', {}],
    ['webhdfs:///d', {}],
    ['webhdfs://nn:0/', {}],
    ['webhdfs://nn:65536/', {}],
    ['webhdfs://nn:port/', {}],
    ['webhdfs://nn,/', {}],
    ['webhdfs://nn,NN:9870/', {}],
    ['webhdfs://alice@nn/', {}],
    ['webhdfs://nn/d?user.name=alice', {}],
    ['webhdfs://nn/d#e', {}],
    ['webhdfs://nn/%zz', {}],
    ['webhdfs://nn/a/../b', {}],
    ['webhdfs://nn/a%2Fb', {}],
    ['webhdfs://nn/a/.snapshot/b', {}],
    ['webhdfs://nn/.reserved/raw', {}],
    ['webhdfs://nn/', { timeout: '1' }],
    ['webhdfs://nn:9870/', { namenodes: 'a' }],
    ['webhdfs://prod/', { namenodes: '' }],
    [`webhdfs://${Array.from({ length: 17 }, (_, i) => `n${i}`)}/`, {}],
  ])('%s %o is none', (uri, options) => {
    expect(() => driver.parse(uri, options)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it.each([{}, { user: '' }, { user: 'alice', delegation: 'geheim' }, { password: 'geheim' }])(
    'a profile holds a user or a token, not %o',
    async (credentials) => {
      const failure = driver.open('webhdfs://nn/', {}, credentials);
      await expect(failure).rejects.toThrow(/^a profile for HDFS holds one of user, delegation/);
    },
  );
});
