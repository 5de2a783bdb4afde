package dev.holdfast.server.run;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a command with permits of a semaphore. */
@Command(
        name = "semaphore",
        mixinStandardHelpOptions = true,
        customSynopsis = {
            "holdfast semaphore [-s HOST:PORT,...] --max N [--permits N] [--owner TYPE:ID] [--ttl TIME]",
            "                   [--wait TIME] KEY -- COMMAND..."
        },
        description = "Acquires permits of a semaphore, runs a command, and releases them. Otherwise it is like"
                + " 'holdfast lock'.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " :the command's; 128 plus the signal's number if a signal ended it",
            "2:wrong usage, such as more permits than the semaphore has",
            "69:no leader answered",
            "75:the permits were not acquired in time",
            "76:the permits were lost, or about to be, and the command was stopped",
            "77:you are not allowed to",
            "126, 127:the command cannot be run, or does not exist"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast semaphore backups --max 3 -- ./backup.sh",
            "  holdfast semaphore gpu --max 8 --permits 2 --wait 5m -- python train.py"
        })
public final class SemaphoreCommand extends HoldingCommand {
    @Option(
            names = "--max",
            required = true,
            paramLabel = "N",
            description = "How many permits the semaphore has. All its users should give the same number.")
    private int max;

    @Option(
            names = "--permits",
            defaultValue = "1",
            paramLabel = "N",
            description = "How many permits to acquire. Default: 1.")
    private int permits = 1;

    @Override
    protected AcquireResult acquire(HoldfastClient client, LockOwner holder, Lockable lockable, AcquireOptions options)
            throws InterruptedException {
        return client.createSemaphore(max).acquire(holder, lockable, permits, options);
    }
}
