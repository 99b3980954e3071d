import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseDataPlane, type Choosing, seenElsewhere, type Tunnel } from './tunnel.ts';

const joined = (cluster: string, pods: string, networking: boolean | null) => ({ cluster, podCidrs: [pods], serviceCidrs: ['10.96.0.0/16'], networking });
const lan = { mtuBytes: 9000, address: '100.64.0.2' };
const meeting: Choosing = { home: joined('harbour', '10.42.0.0/16', true), provider: joined('po', '10.42.0.0/16', true), lan, begun: false, standing: null };
const apart: Choosing = { ...meeting, provider: joined('main', '10.44.0.0/16', false) };

const tunnelOf = (choosing: Choosing): Tunnel => {
  const choice = chooseDataPlane(choosing);
  if (choice.kind !== 'tunnel') throw new Error(choice.kind);
  return choice.tunnel;
};

describe('how pods of two clusters reach each other', () => {
  it('is plain routes where their addresses do not meet', () => expect(chooseDataPlane(apart)).toEqual({ kind: 'native' }));

  it('is a tunnel where they do, over the LAN, with what WireGuard leaves of its packets', () => {
    expect(chooseDataPlane(meeting)).toMatchObject({ kind: 'tunnel', because: expect.stringContaining('10.42.0.0/16') });
    expect(tunnelOf(meeting)).toEqual({ server: 'provider', mtuBytes: 8940, service: 'NodePort', address: '100.64.0.2', seenAs: [] });
  });

  it("goes where the server's Service says without a LAN, with packets that fit anywhere", () =>
    expect(tunnelOf({ ...meeting, lan: null })).toMatchObject({ service: 'LoadBalancer', address: null, mtuBytes: 1340 }));

  it.each([false, null])('is refused where they meet and the module of one does not run or cannot be seen (%s), with the way out', (networking) => {
    const choice = chooseDataPlane({ ...meeting, provider: { ...meeting.provider, networking } });
    expect(choice).toMatchObject({
      kind: 'refused',
      reasons: [{ message: expect.stringContaining('po'), fix: expect.stringContaining('networking.enabled=true') }],
    });
  });

  it('never gives plain routes to addresses that meet', () => {
    const flag = fc.constantFrom(true, false, null);
    fc.assert(
      fc.property(flag, flag, fc.boolean(), fc.boolean(), (ours, theirs, onLan, begun) => {
        const home = { ...meeting.home, networking: ours };
        const provider = { ...meeting.provider, networking: theirs };
        expect(chooseDataPlane({ home, provider, lan: onLan ? lan : null, begun, standing: null }).kind).toBe(
          ours === true && theirs === true ? 'tunnel' : 'refused',
        );
      }),
    );
  });

  it('uses the tunnel that stands as it is, and tells its client the way where nobody has', () => {
    const standing: Tunnel = { server: 'provider', mtuBytes: 1400, service: 'LoadBalancer', address: '192.0.2.7', seenAs: ['10.32.0.0/16'] };
    expect(tunnelOf({ ...meeting, begun: true, standing })).toEqual(standing);
    expect(tunnelOf({ ...meeting, begun: true, standing: { ...standing, address: null } }).address).toBe('100.64.0.2');
    expect(tunnelOf({ ...meeting, begun: true, standing: { ...standing, server: 'home', address: null } }).address).toBeNull();
  });

  it('names addresses that Liqo gave and home routes elsewhere', () => {
    expect(seenElsewhere(['10.44.0.0/16'], [{ what: 'the pods of main', range: '10.44.0.0/16' }])).toEqual([
      '10.44.0.0/16 meets the pods of main (10.44.0.0/16)',
    ]);
    expect(seenElsewhere(['10.32.0.0/16'], [{ what: 'the pods of main', range: '10.44.0.0/16' }])).toEqual([]);
  });
});
