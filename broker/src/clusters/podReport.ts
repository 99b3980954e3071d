// What a pod that ran to its end says of itself: its phase and the termination message of its first container.
import { z } from 'zod';

const podShape = z.looseObject({
  status: z
    .looseObject({
      phase: z.string().nullish(),
      containerStatuses: z
        .array(z.looseObject({ state: z.looseObject({ terminated: z.looseObject({ message: z.string().max(4096).nullish() }).nullish() }).nullish() }))
        .nullish(),
    })
    .nullish(),
});

/** `phase` is empty and `message` null where the pod, or what is read of it, is not there. Kubernetes bounds the message to 4096 bytes. */
export const readPodReport = (object: unknown): { readonly phase: string; readonly message: string | null } => {
  const status = podShape.safeParse(object).data?.status;
  return { phase: status?.phase ?? '', message: status?.containerStatuses?.[0]?.state?.terminated?.message ?? null };
};

export const hasEnded = (object: unknown): boolean => ['Succeeded', 'Failed'].includes(readPodReport(object).phase);
