public import TraceModel
public enum MeasurementText { public static func render(_ run: SavedRun, style: TextStyle) -> String { "" } }
