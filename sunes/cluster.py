"""Where PySpark computes: the cluster that `spark-submit` names, or else this machine."""

import os
import shutil
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from sunes.errors import UsageError

# Java says nothing by itself.
QUIET = f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties').as_uri()}"

Settings = Mapping[str, bool | float | int | str | None]

_HERE: Settings = {
    "spark.master": "local[*]",
    "spark.app.name": "sunes",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "4g",
    "spark.driver.extraJavaOptions": QUIET,
    "spark.ui.enabled": False,
    "spark.ui.showConsoleProgress": False,
}


@lru_cache(maxsize=1)
def spark() -> Any:
    """The Spark session: the one at hand, the one that `spark-submit` describes, or one on this machine.

    Raises UsageError when PySpark or Java is missing, or when Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError(
            "le moteur pyspark n’est pas installé ; installez-le par « pip install -r requirements-cluster.txt »."
        ) from None
    # Tables go to Spark and come back by way of Arrow.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    return SparkSession.getActiveSession() or start()


def start(settings: Settings | None = None) -> Any:
    """Start a session: as `spark-submit` describes it, or on this machine, with `settings` before our own.

    Raises UsageError when Java is missing or Spark does not start.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    if "PYSPARK_GATEWAY_PORT" not in os.environ:  # spark-submit has started Java and said all that there is to say
        if java() is None:
            raise UsageError("le moteur pyspark a besoin de Java 17 ou plus récent ; installez-le, ou voyez JAVA_HOME.")
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = builder.config(map={**_HERE, **(settings or {})})
    try:
        return builder.getOrCreate()
    except PySparkException as error:
        said = "Spark ne démarre pas ; vérifiez Java (17 ou plus récent) et la configuration de Spark."
        raise UsageError(said) from error


def java() -> str | None:
    """The Java that Spark would start; None where there is none."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin") if home else None)
