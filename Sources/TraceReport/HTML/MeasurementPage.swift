public import TraceModel
public enum MeasurementPage { public static func render(_ run: SavedRun) -> String { "" } }
