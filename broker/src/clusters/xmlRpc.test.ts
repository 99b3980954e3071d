import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listAt, methodCall, readBody, readResponse, textAt } from './xmlRpc.ts';

const response = (...values: readonly string[]): string =>
  `<?xml version="1.0"?>\r\n<methodResponse>\r\n<params>\r\n<param><value><array><data>\r\n${values.map((value) => `<value>${value}</value>`).join('\r\n')}\r\n</data></array></value></param>\r\n</params>\r\n</methodResponse>\r\n`;

describe('an answer of OpenNebula', () => {
  it('is its value when it went well, of whichever type', () => {
    expect(readResponse(response('<boolean>1</boolean>', '<string>7.4.0</string>', '<i4>0</i4>'))).toEqual({ kind: 'value', value: '7.4.0' });
    expect(readResponse(response('<boolean>1</boolean>', '<i4>12</i4>', '<i4>0</i4>'))).toEqual({ kind: 'value', value: 12 });
    expect(readResponse(response('<boolean>1</boolean>', 'without a type', '<int>0</int>'))).toEqual({ kind: 'value', value: 'without a type' });
  });

  it('is its reason and its code when it did not', () => {
    expect(
      readResponse(response('<boolean>0</boolean>', "<string>[one.user.info] User couldn't be authenticated, aborting.</string>", '<i4>256</i4>')),
    ).toEqual({
      kind: 'failed',
      message: "[one.user.info] User couldn't be authenticated, aborting.",
      code: 256,
    });
  });

  it('is the fault of XML-RPC when the method is not known', () => {
    const fault = `<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-506</int></value></member><member><name>faultString</name><value><string>Method 'one.x' not defined</string></value></member></struct></value></fault></methodResponse>`;
    expect(readResponse(fault)).toEqual({ kind: 'failed', message: "Method 'one.x' not defined", code: -506 });
  });

  it.each([
    ['a declaration', `<!DOCTYPE a [<!ENTITY b "c">]><methodResponse>&b;</methodResponse>`],
    ['an entity from elsewhere', `<!DOCTYPE a SYSTEM "file:///etc/passwd"><methodResponse/>`],
    ['nesting without end', `${'<value>'.repeat(5000)}${'</value>'.repeat(5000)}`],
    ['no array', '<methodResponse><params/></methodResponse>'],
    ['no XML', '{"a": 1}'],
    ['nothing', ''],
  ])('with %s is malformed', (_what, xml) => {
    expect(readResponse(xml).kind).toBe('malformed');
  });

  it('is answered with a value, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => response(text)),
        ),
        (xml) => ['value', 'failed', 'malformed'].includes(readResponse(xml).kind),
      ),
    );
  });

  it('brings any text back as it was sent', () => {
    const isText = (text: string): boolean => !/[^\P{Cc}\t\n]|\uFFFE|\uFFFF|\]\]>/u.test(text);
    const sent = fc.string({ unit: 'grapheme' }).filter(isText);
    fc.assert(
      fc.property(sent, (text) => {
        const call = methodCall('one.x', [text]);
        const value = /<string>([\s\S]*)<\/string>/.exec(call)?.[1] ?? '';
        expect(readResponse(response('<boolean>1</boolean>', `<string>${value}</string>`, '<i4>0</i4>'))).toEqual({ kind: 'value', value: text });
      }),
    );
  });
});

describe('what is inside an answer', () => {
  it('is a list even with one element, and text with what was escaped', () => {
    const tree = readBody('<HOST_POOL><HOST><NAME><![CDATA[kvm <1>]]></NAME></HOST></HOST_POOL>', ['HOST']);
    expect(tree).not.toBeNull();
    if (tree === null) return;
    const [host, second] = listAt(tree, 'HOST_POOL', 'HOST');
    expect(second).toBeUndefined();
    expect(host && textAt(host, 'NAME')).toBe('kvm <1>');
    expect(textAt(tree, 'HOST_POOL', 'NOTHING', 'AT', 'ALL')).toBe('');
  });

  it('is not read when it declares something, but what looks so inside text is text', () => {
    expect(readBody('<!DOCTYPE a><a/>', [])).toBeNull();
    expect(readBody('<a><![CDATA[<!DOCTYPE x>]]></a>', [])).not.toBeNull();
  });
});
