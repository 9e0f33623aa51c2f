import { setTimeout as sleep } from "node:timers/promises";

/** What a Service answers. kube-proxy needs a moment to point it at a pod that has just become ready, so 10 s are given. */
export async function answerOf(url: string): Promise<string> {
  for (let left = 50; ; left--) {
    try {
      const response = await fetch(url);
      return await response.text();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(200);
    }
  }
}
