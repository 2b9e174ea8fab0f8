/** Approving a verdict: an Ed25519 signature by the key of this home, over the verdict and the ledger as it was. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { AppError } from '../protocol/errors.js';
import type { LedgerRecord } from '../protocol/ledger.js';
import type { Verdict } from '../protocol/verdict.js';
import { writeWhole } from '../store/files.js';
import { canonicalJson, sha256Value } from '../store/hash.js';
import { approvalKeyFile, homeOf } from '../store/home.js';
import { recordInLedger } from '../store/ledger.js';
import { type Comparison, comparisonId } from './comparison.js';

export type Approval = Extract<LedgerRecord, { kind: 'approval' }>;

/**
 * @param verdicts that were verified before, at least one
 * @throws AppError not-judged without one
 */
export function approveVerdicts(comparison: Comparison, verdicts: Verdict[], name: string): Approval {
  const id = comparisonId(comparison);
  if (verdicts.length === 0) throw new AppError('not-judged', { comparison: id });
  const home = homeOf(comparison.folder);
  const key = approvalKey(home);
  return recordInLedger(home, ({ head }) => {
    const signed = { comparison: id, name, verdict_sha256s: verdicts.map(sha256Value), ledger_head: head };
    const approval: Approval = {
      kind: 'approval',
      ...signed,
      public_key: createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64'),
      signature: sign(null, Buffer.from(canonicalJson(signed)), key).toString('base64'),
    };
    return { records: [approval], result: approval };
  });
}

/** Whether whoever holds the private key has signed just this. */
export function isSignedBy({ comparison, name, verdict_sha256s, ledger_head, public_key, signature }: Approval): boolean {
  const text = Buffer.from(canonicalJson({ comparison, name, verdict_sha256s, ledger_head }));
  const key = createPublicKey({ key: Buffer.from(public_key, 'base64'), type: 'spki', format: 'der' });
  return verify(null, text, key, Buffer.from(signature, 'base64'));
}

/** How a key is told from another. */
export function fingerprint({ public_key }: Approval): string {
  return sha256Value(public_key).slice(0, 16);
}

/** Made at the first approval, readable by the home's owner only. */
function approvalKey(home: string): KeyObject {
  const file = approvalKeyFile(home);
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeWhole(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  }
  return createPrivateKey(readFileSync(file, 'utf8'));
}
