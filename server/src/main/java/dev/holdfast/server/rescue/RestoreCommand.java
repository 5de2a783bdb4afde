package dev.holdfast.server.rescue;

import dev.holdfast.node.BegunGroup;
import dev.holdfast.node.KeptHolds;
import dev.holdfast.node.Member;
import dev.holdfast.node.Restore;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Messages;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes the data folders of a new cluster from a backup. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the data folders of a new cluster from a backup, one for each member, to be copied to the members' hosts.",
            "The cluster has another id than the one that was backed up. Its tokens go on far above; all sessions have ended; of the holds it has those that are held until they are released. Whatever was done after the backup is lost. See \"Backup and restore\" in docs/operations.md."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the folders are made",
            "2:wrong usage",
            "74:the backup is damaged, or the folder is not empty or cannot be written"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast restore monday.backup --data restored \\",
            "      --members a=db1:7101:7201,b=db2:7101:7201,c=db3:7101:7201",
            "  holdfast restore monday.backup --data /var/lib/holdfast --members a=127.0.0.1:7101:7201"
        })
public final class RestoreCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The backup.")
    private Path file = Path.of("");

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description =
                    "An empty folder, or one that is not there yet: with several members, it gets a data folder for each, named by the"
                            + " member's id; with one, it is that member's data folder.")
    private Path data = Path.of("");

    @Option(
            names = "--members",
            required = true,
            split = ",",
            paramLabel = "ID=HOST:RAFT:CLIENT",
            description = "The members of the new cluster, as in their configuration.")
    private List<String> members = new ArrayList<>();

    @Option(
            names = "--cluster-name",
            paramLabel = "NAME",
            description =
                    "What the new cluster is called in the configuration of its members. Default: as the one before.")
    private String name = "";

    @Option(
            names = "--keep",
            paramLabel = "HOLDS",
            converter = Keep.class,
            defaultValue = "until-released",
            description =
                    "Which holds it has: 'until-released' for those that are held until they are released, or 'none'. Default:"
                            + " ${DEFAULT-VALUE}.")
    private KeptHolds keep = KeptHolds.UNTIL_RELEASED;

    @Option(
            names = "--tokens-ahead",
            paramLabel = "N",
            description =
                    "How far above the highest token of the backup the tokens begin. Less than the default, 2^40, is safe only if"
                            + " you know that fewer were granted since.")
    private long tokensAhead = BegunGroup.TOKENS_AHEAD;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Restore.Plan plan = plan();
        Restore restored;
        try {
            restored = Restore.run(plan, data);
        } catch (IOException e) {
            spec.commandLine().getErr().println("holdfast: " + Messages.of(e));
            return ExitCode.UNUSABLE;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("a new cluster '" + restored.clusterName() + "' (" + restored.clusterId() + ")");
        restored.groups().forEach(group -> out.println("  " + Tokens.describe(group)));
        for (int i = 0; i < restored.folders().size(); i++) {
            out.println("data folder of member " + plan.members().get(i).id() + ": "
                    + restored.folders().get(i));
        }
        out.println("Start all members with these folders, and with these members, groups = "
                + restored.groups().size() + " and cluster-name = " + restored.clusterName()
                + " in their configuration");
        return ExitCode.DONE;
    }

    private Restore.Plan plan() {
        try {
            List<Member> parsed = members.stream().map(Member::parse).toList();
            return new Restore.Plan(file, parsed, name, keep, Tokens.check(tokensAhead, spec));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
