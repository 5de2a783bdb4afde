package dev.holdfast.server.rescue;

import dev.holdfast.node.BegunGroup;
import dev.holdfast.node.KeptHolds;
import dev.holdfast.node.Recovery;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Messages;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes a cluster of one member of a folder that survived. */
@Command(
        name = "recover",
        mixinStandardHelpOptions = true,
        description = {
            "When a majority of the members is lost for good: makes a new cluster, of one member, of the data folder of a member that survived. The member must not run.",
            "What the cluster had acknowledged and this member did not have is lost, and nobody can say what that was. The new cluster has another id, its tokens go on far above, and all sessions have ended. The old files are kept beside. Follow \"When a majority is lost for good\" in docs/operations.md: it says which member to choose."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is done",
            "2:wrong usage, or --i-accept-loss is missing",
            "74:the folder is in use, is damaged, or cannot be written"
        },
        footerHeading = "%nExample:%n",
        footer = "  holdfast recover --data data/a --i-accept-loss")
public final class RecoverCommand implements Callable<Integer> {
    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The member's data folder.")
    private Path data = Path.of("");

    @Option(
            names = "--i-accept-loss",
            description = "You know that what this member does not have will be lost. Nothing is done without it.")
    private boolean accepted;

    @Option(
            names = "--keep",
            paramLabel = "HOLDS",
            converter = Keep.class,
            defaultValue = "until-released",
            description =
                    "Which holds are kept: 'until-released' for those that are held until they are released, or 'none'. Default:"
                            + " ${DEFAULT-VALUE}.")
    private KeptHolds keep = KeptHolds.UNTIL_RELEASED;

    @Option(
            names = "--tokens-ahead",
            paramLabel = "N",
            description =
                    "How far above the highest token that this member knows the tokens begin. Less than the default, 2^40, is safe"
                            + " only if you know that fewer were granted that it does not know.")
    private long tokensAhead = BegunGroup.TOKENS_AHEAD;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        if (!accepted) {
            throw new ParameterException(
                    spec.commandLine(),
                    "what only the lost members had will be lost: --i-accept-loss says that you know. If a majority can"
                            + " still be started, start that instead");
        }
        Recovery recovery;
        try {
            recovery = Recovery.run(data, keep, Tokens.check(tokensAhead, spec));
        } catch (IOException e) {
            spec.commandLine().getErr().println("holdfast: " + Messages.of(e));
            return ExitCode.UNUSABLE;
        }
        print(recovery, spec.commandLine().getOut());
        return ExitCode.DONE;
    }

    private static void print(Recovery recovery, PrintWriter out) {
        out.println("member " + recovery.memberId() + " is the only one of a new cluster '" + recovery.clusterName()
                + "' (" + recovery.clusterId() + ")");
        for (Recovery.Group group : recovery.groups()) {
            out.println("  " + Tokens.describe(group.begun()));
            out.println("    it had everything up to entry " + group.index() + ", of term " + group.term()
                    + committed(group));
            out.println("    unknown: whether the cluster had acknowledged more than that. If so, it is lost");
        }
        out.println("the old files are in " + recovery.kept() + ", and are not needed any more");
        out.println("members of the old cluster (" + recovery.formerClusterId()
                + ") that come back are strangers to this one: do not start them");
    }

    private static String committed(Recovery.Group group) {
        if (group.committed() >= group.index()) {
            return ", all of it committed";
        }
        return group.committed() < 0
                ? "; how much of that was committed is not known, and all of it counts now"
                : "; up to entry " + group.committed()
                        + " it was committed. What comes after may never have been, and counts now";
    }
}
