package dev.holdfast.jepsen.workload;

import java.nio.file.Path;
import java.util.List;

/**
 * What a group of callers in one process is to do.
 *
 * @param kind what each of them does again and again
 * @param callers how many there are
 * @param seed decides what is done, though not when
 * @param firstProcess history's process numbers from here on are this group's: different for each, and far apart
 * @param folder where all groups of one run share their keys, and each writes its history
 * @param database the JDBC URL of the fenced resource; empty if the kind needs none
 */
public record WorkloadPlan(Kind kind, int callers, long seed, int firstProcess, Path folder, String database) {
    /** The file into which this group writes. */
    public Path history() {
        return folder.resolve("group-" + firstProcess + ".history");
    }

    Path keys() {
        return keys(folder);
    }

    static Path keys(Path folder) {
        return folder.resolve("keys");
    }

    /** As arguments of a process. */
    public List<String> arguments() {
        return List.of(
                kind.name(),
                String.valueOf(callers),
                String.valueOf(seed),
                String.valueOf(firstProcess),
                folder.toString(),
                database);
    }

    /** What {@link #arguments} made. */
    public static WorkloadPlan parse(List<String> arguments) {
        return new WorkloadPlan(
                Kind.valueOf(arguments.get(0)),
                Integer.parseInt(arguments.get(1)),
                Long.parseLong(arguments.get(2)),
                Integer.parseInt(arguments.get(3)),
                Path.of(arguments.get(4)),
                arguments.get(5));
    }
}
