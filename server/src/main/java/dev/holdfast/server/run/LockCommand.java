package dev.holdfast.server.run;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import picocli.CommandLine.Command;

/** Runs a command under a lock. */
@Command(
        name = "lock",
        mixinStandardHelpOptions = true,
        customSynopsis = {
            "holdfast lock [-s HOST:PORT,...] [--owner TYPE:ID] [--ttl TIME] [--wait TIME] KEY",
            "              -- COMMAND..."
        },
        description = {
            "Acquires a lock, runs a command, and releases the lock.",
            "The command finds the key in $HOLDFAST_KEY and the fencing token in $HOLDFAST_TOKEN. It runs in its own"
                    + " process group, to which this process passes on its signals. If the lock is lost, or its lease is about"
                    + " to run out, the group gets TERM, and KILL before the lease is over. If this process itself is killed"
                    + " with KILL, only the token protects."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " :the command's; 128 plus the signal's number if a signal ended it",
            "2:wrong usage",
            "69:no leader answered",
            "75:the lock was not acquired in time",
            "76:the lock was lost, or about to be, and the command was stopped",
            "126, 127:the command cannot be run, or does not exist"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast lock nightly-report -- ./report.sh",
            "  holdfast lock app:order:42 --wait 10s --ttl 30s -- sh -c 'psql -v token=$HOLDFAST_TOKEN -f write.sql'",
            "  holdfast lock deploy --wait 0 -- make deploy || echo 'somebody else is deploying'"
        })
public final class LockCommand extends HoldingCommand {
    @Override
    protected AcquireResult acquire(HoldfastClient client, LockOwner holder, Lockable lockable, AcquireOptions options)
            throws InterruptedException {
        return client.createLock().acquire(holder, lockable, options);
    }
}
