#!/usr/bin/env bash
# Deploys a small Worker and lists what it could use.
set -euo pipefail
cd worker
# What Wrangler remembers of a run before must not spare it a request.
rm -rf .wrangler node_modules/.cache ../node_modules/.cache
npx --no-install wrangler kv namespace list
npx --no-install wrangler r2 bucket list
npx --no-install wrangler deploy
