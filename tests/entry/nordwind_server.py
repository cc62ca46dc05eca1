"""A real server with the sample company in its book."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest

from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.statement_service_pb2_grpc import StatementServiceStub

from .conftest import Sample, Told, day, told


class Nordwind(Sample):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.stub = StatementServiceStub(self.channel)

    def statement(self, subject: str, role: str, name: str) -> pb.Statement:
        request = pb.GetStatementRequest(name=name)
        return self.stub.GetStatement(request, metadata=self.headers(subject, role), timeout=30)

    def explained(self, subject: str, role: str, name: str) -> pb.LineExplanation:
        request = pb.ExplainLineRequest(name=name)
        return self.stub.ExplainLine(request, metadata=self.headers(subject, role), timeout=30)

    def asked(self, subject: str, role: str, participant: str = "hanna", **more: Any) -> pb.Statement:
        more.setdefault("pipeline_date", day("2026-11-21"))
        request = pb.GetStatementRequest(name=f"participants/{participant}/statements/2026-Q4", **more)
        return self.stub.GetStatement(request, metadata=self.headers(subject, role), timeout=30)

    def previewed(self, subject: str, role: str, *tried: pb.WhatIfChange, participant: str = "hanna") -> pb.Statement:
        request = pb.PreviewStatementRequest(
            name=f"participants/{participant}/statements/2026-Q4", pipeline_date=day("2026-11-21"), what_if=tried
        )
        return self.stub.PreviewStatement(request, metadata=self.headers(subject, role), timeout=30)

    def refused(self, subject: str, role: str, name: str) -> Told:
        with pytest.raises(grpc.RpcError) as error:
            (self.explained if "/lines/" in name else self.statement)(subject, role, name)
        return told(error.value)
