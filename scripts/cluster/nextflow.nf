// SPDX-License-Identifier: Apache-2.0
// nextflow run nextflow.nf --input /data/session --output /data/out --shards 8
process plan {
    output:
    val true
    script:
    "process_offline --progress never --input ${params.input} --output ${params.output} --plan"
}
process shard {
    errorStrategy 'retry'
    maxRetries 3
    input:
    tuple val(k), val(planned)
    output:
    val k
    script: // frames that fail are the merge's to say
    """
    process_offline --progress never --input ${params.input} --output ${params.output} \
        --shard ${k}/${params.shards} || case \$? in 3|4|5) ;; *) exit 1;; esac
    """
}
process merge {
    input:
    val shards
    script:
    "process_offline --progress never --input ${params.input} --output ${params.output} --merge"
}
workflow {
    numbers = channel.of(1..(params.shards as int))
    merge(shard(numbers.combine(plan())).collect())
}
