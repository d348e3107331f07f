// SPDX-License-Identifier: Apache-2.0
// nextflow run nextflow.nf --input /data/session --output /data/out --shards 8
def run = "process_offline --progress never --input ${params.input} --output ${params.output}"
process plan { output: val true
    script: "$run --plan" }
process shard { errorStrategy 'retry'; maxRetries 3
    input: val k; val planned
    output: val k
    script: "$run --shard $k/${params.shards} || case \$? in 3|4|5) ;; *) exit 1;; esac" }
process merge { input: val all
    script: "$run --merge" }
workflow { merge(shard(channel.of(1..params.shards), plan()).collect()) }
