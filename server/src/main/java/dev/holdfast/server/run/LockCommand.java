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
                    + " process group, and keeps the terminal if there is perl. If the lock is lost, or its lease is about to"
                    + " run out, the group gets TERM, and KILL before the lease is over.",
            "Signals: HUP, INT, TERM, USR1, USR2 and ALRM are passed on to the group; QUIT is not, and makes this process"
                    + " print its threads. What is typed on the terminal reaches the command directly. If this process is"
                    + " suspended, so is the command, and it is killed before the lease is over; if this process is killed,"
                    + " the command gets TERM, and KILL before the lease is over. That takes bash. If all of them are killed"
                    + " or suspended at once, only the token protects."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " :the command's; 128 plus the signal's number if a signal ended it",
            "2:wrong usage",
            "69:no leader answered",
            "75:the lock was not acquired in time",
            "76:the lock was lost, or about to be, and the command was stopped",
            "77:you are not allowed to",
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
